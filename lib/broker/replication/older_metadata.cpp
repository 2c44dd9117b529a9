#include "broker/replication/older_metadata.h"

#include "base/ids.h"
#include "metadata/elections.h"

namespace bobbin::broker {

void ask_for_reign_above(metadata::Transactions& transactions, const cluster::Following& following,
                         const cluster::Say& say) {
  const metadata::CopyOf copy{following.id().topic, following.id().partition};
  const LeaderEpoch seen = following.copy().latest_epoch();
  const std::string line = log::dir_name(following.copy().name()) + ": has records of leader epoch " + to_string(seen) +
                           ", which the metadata does not know: it is older than they are, and a new reign begins";
  transactions.submit(
      [copy, seen, say, line](const metadata::Image& image) -> Result<metadata::Records> {
        metadata::Records raised = metadata::reign_above(image, copy, seen);
        if (!raised.empty()) say(line);
        return raised;
      },
      [](Result<Offset>) {});
}

}  // namespace bobbin::broker
