#include <algorithm>
#include <map>

#include "client/admin/elections.h"
#include "cmd/cluster.h"
#include "cmd/named_topics.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "cmd/words/shared_options.h"

namespace bobbin::cmd {
namespace {

// In small letters or in capitals, as Kafka's tool takes it.
bool is_type(std::string_view text, std::string_view type) {
  return std::equal(text.begin(), text.end(), type.begin(), type.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

Result<NamedPartitions> read(const Arguments& arguments) {
  const std::string type = arguments.text("election-type").value_or("preferred");
  if (is_type(type, "unclean"))
    return usage(
        "--election-type: an unclean election may lose records; `bobbin topic recover` makes it, and shows before "
        "which");
  if (!is_type(type, "preferred")) return usage("--election-type: there is no election '" + type + "'");
  BOBBIN_TRY_ASSIGN(wanted, named_partitions(arguments));
  if (arguments.has("all-topic-partitions") && !wanted.topics.empty())
    return usage("--all-topic-partitions is in place of a topic; give one");
  return wanted;
}

using Topics = std::map<std::string, client::TopicView>;

Topics by_name(std::vector<client::TopicView> views) {
  Topics topics;
  for (client::TopicView& view : views) topics.emplace(view.name, std::move(view));
  return topics;
}

std::vector<client::PartitionsOf> named(const Topics& topics, const NamedPartitions& wanted) {
  std::vector<client::PartitionsOf> out;
  for (const auto& [name, view] : topics) {
    auto& of = out.emplace_back(client::PartitionsOf{name, wanted.partitions});
    for (size_t i = 0; wanted.partitions.empty() && i < view.partitions.size(); i++)
      of.partitions.emplace_back(static_cast<int32_t>(i));
  }
  return out;
}

// A row: who leads, and who led as far as was known.
std::vector<Cell> moved(const client::Election& election, const Topics& topics) {
  Cell from, to;
  auto topic = topics.find(election.topic);
  const auto at = static_cast<size_t>(election.partition.value);
  if (topic != topics.end() && at < topic->second.partitions.size()) {
    const client::PartitionView& before = topic->second.partitions[at];
    if (before.leader != broker_none) from = Cell(before.leader.value);
    if (!before.replicas.empty()) to = Cell(before.replicas.front().value);
  }
  return {election.topic, election.partition.value, from, to};
}

Result<int> elect(const Arguments& arguments, const NamedPartitions& wanted) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  Report report;
  BOBBIN_TRY_ASSIGN(views, those_there(*session, wanted.topics, report));
  Listing listing({"topic", "partition", "from", "to"});
  if (views.empty()) {
    const int printed = print(listing, arguments);
    return report.exit_code() != exit_done ? report.exit_code() : printed;
  }
  const Topics topics = by_name(std::move(views));
  auto which = wanted.topics.empty() ? std::nullopt : std::optional(named(topics, wanted));
  BOBBIN_TRY_ASSIGN(elections, client::elect_leaders(*session, client::ElectionType::preferred, which));
  bool any_moved = false;
  for (const client::Election& election : elections) {
    if (!election.status && election.status.error().code != Errc::election_not_needed) {
      report.failed(election.status.error());
      continue;
    }
    report.done();
    if (election.status) listing.add(moved(election, topics));
    any_moved |= election.status.ok();
  }
  const bool failed = report.exit_code() != exit_done;
  if (!any_moved && !failed) notice(arguments, "every partition is led by its preferred leader already");
  const int printed = print(listing, arguments);
  return failed ? report.exit_code() : printed;
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "cluster elect");
  auto code = elect(arguments, *wanted);
  return code ? *code : fail_list(code.error(), "", arguments);
}

constexpr Option options[] = {
    topic_names,
    partitions_of_topics,
    {.name = "all-topic-partitions", .doc = "All partitions of all topics, which is meant without a topic, too."},
    {.name = "election-type",
     .value = "TYPE",
     .doc = "preferred, for those who write it. An unclean election is made by topic recover."},
};

constexpr Example examples[] = {
    {"bobbin cluster elect", "after a broker has come back: what it was placed to lead, it leads"},
    {"bobbin cluster elect orders -p 0,3", "of one topic, two partitions"},
};

}  // namespace

extern constinit const Command cluster_elect{
    .name = "cluster elect",
    .arguments = "[TOPIC...]",
    .summary = "Give leadership back to the preferred leaders",
    .description =
        "The preferred leader of a partition is the first of its replicas. When it died, others lead in its place, "
        "also "
        "after it has come back. This makes it the leader again, of all partitions or of those named, where it is "
        "running and in sync, and prints which partitions moved, from whom and to whom. Clients follow by "
        "themselves.\n\n"
        "The exit code is 0 when each partition is led by its preferred leader, and 1 when one of them is not "
        "available "
        "yet, which stderr names.\n\n"
        "Brokers do the same by themselves, every leader.imbalance.check.interval.seconds, unless "
        "auto.leader.rebalance.enable is false.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
