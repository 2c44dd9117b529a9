#include "client/admin/reassignments.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"

namespace bobbin::cmd {
namespace {

int run(const Arguments& arguments) {
  if (!arguments.words().empty())
    return fail_usage("topic list", "'" + arguments.words()[0] + "' is one word too many; topic describe takes names");
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  const auto moves = client::moves_under_way(**session);  // a cluster that is too old to tell has none
  auto topics = client::list_topics(**session);
  if (!topics) return fail(topics.error());
  Listing listing({"name", "partitions", "replicas"});
  for (const client::TopicView& topic : *topics) {
    size_t replicas = topic.partitions.empty() ? 0 : topic.partitions[0].replicas.size();
    // While it moves it has old and new ones: those that stay count.
    if (moves)
      for (const client::MoveUnderWay& move : *moves)
        if (move.topic == topic.name && move.partition == PartitionId(0) && replicas == move.replicas.size())
          replicas -= move.removing.size();
    listing.add({topic.name, static_cast<int64_t>(topic.partitions.size()), static_cast<int64_t>(replicas)});
  }
  return print(listing, arguments);
}

constexpr Example examples[] = {
    {"bobbin topic list", "names, partitions and replicas"},
    {"bobbin topic list --output json | jq -r '.[].name'", "the names alone"},
};

}  // namespace

extern constinit const Command topic_list{
    .name = "topic list",
    .arguments = "",
    .summary = "List the topics",
    .description = "Lists name, partitions and replication factor of every topic, sorted by name.",
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
