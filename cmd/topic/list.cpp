#include "client/admin/admin.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"

namespace bobbin::cmd {

int topic_list(const Arguments& arguments) {
  if (!arguments.words().empty())
    return fail_usage("topic list", "'" + arguments.words()[0] + "' is one word too many; topic describe takes names");
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  auto topics = client::list_topics(**session);
  if (!topics) return fail(topics.error());
  Listing listing({"name", "partitions", "replicas"});
  for (const client::TopicView& topic : *topics) {
    size_t replicas = topic.partitions.empty() ? 0 : topic.partitions[0].replicas.size();
    listing.add({topic.name, static_cast<int64_t>(topic.partitions.size()), static_cast<int64_t>(replicas)});
  }
  return print(listing, arguments);
}

}  // namespace bobbin::cmd
