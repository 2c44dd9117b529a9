#include "client/admin/groups.h"
#include "cmd/cluster.h"
#include "cmd/group/group_view.h"
#include "cmd/group/names.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"

namespace bobbin::cmd {
namespace {

struct Wanted {
  std::string group;
  std::vector<TopicPart> parts;
};

Result<Wanted> read(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(group, one_group(arguments));
  BOBBIN_TRY_ASSIGN(parts, topic_parts(arguments));
  if (parts.empty()) return usage("name the topics: --topic");
  return Wanted{group, parts};
}

// Every part is looked up before anything is deleted.
Report check_parts(const Wanted& wanted, const client::Positions& positions) {
  Report report;
  for (const TopicPart& part : wanted.parts) {
    const bool has_any = std::any_of(positions.begin(), positions.end(),
                                     [&](const auto& each) { return part.topic == each.first.first; });
    if (!has_any)
      report.failed(
          error(Errc::unknown_topic_or_partition, "group " + wanted.group + " has no position in topic " + part.topic));
    for (PartitionId number : part.partitions)
      if (has_any && !positions.contains({part.topic, number}))
        report.failed(error(Errc::unknown_topic_or_partition,
                            "group " + wanted.group + " has no position in " + part.topic + "-" + to_string(number)));
  }
  return report;
}

Result<int> delete_offsets(const Arguments& arguments, const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  BOBBIN_TRY_ASSIGN(described, client::describe_groups(*session, {wanted.group}));
  if (!described[0].status && !is_opaque(described[0])) return described[0].status.error();
  BOBBIN_TRY_ASSIGN(positions, client::committed_positions(*session, wanted.group));
  Report report = check_parts(wanted, positions);
  if (report.exit_code() != exit_done) return report.exit_code();
  std::vector<client::Place> places;
  for (const auto& [place, offset] : positions)
    if (any_takes(wanted.parts, place)) places.push_back(place);
  Listing listing({"topic", "partition", "current"});
  if (arguments.has("dry-run")) {
    for (const client::Place& place : places) listing.add({place.first, place.second.value, positions[place].value});
    notice(arguments, "would delete these positions; nothing was done");
    return print(listing, arguments);
  }
  BOBBIN_TRY_ASSIGN(outcomes, client::delete_positions(*session, wanted.group, places));
  bool any = false;
  for (const client::Moved& one : outcomes) {
    any |= one.status.ok();
    if (!one.status) {
      report.failed(one.status.error());
      continue;
    }
    report.done();
    listing.add({one.topic, one.partition.value, positions[{one.topic, one.partition}].value});
  }
  const bool failed = report.exit_code() != exit_done;
  // A failure prints on stderr alone, unless a part is there to be shown.
  const int printed = failed && !any ? exit_done : print(listing, arguments);
  return failed ? report.exit_code() : printed;
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "group delete-offsets");
  auto code = delete_offsets(arguments, *wanted);
  return code ? *code : fail(code.error());
}

constexpr Option options[] = {
    group_name,
    {.name = "topic",
     .shorts = "t",
     .value = "TOPIC[:N,...]",
     .doc = "The topic, with a colon only these of its partitions.",
     .repeats = true},
    {.name = "dry-run", .doc = "Only print which positions would be deleted."},
};

constexpr Example examples[] = {
    {"bobbin group delete-offsets workers --topic orders --dry-run", "what would be forgotten"},
    {"bobbin group delete-offsets workers --topic orders:0,2", "of two partitions"},
};

}  // namespace

extern constinit const Command group_delete_offsets{
    .name = "group delete-offsets",
    .arguments = "GROUP",
    .summary = "Have a group forget positions",
    .description =
        "Deletes the group's positions in these topics, and prints what they were: where it has none, its members "
        "begin as those of a new group do. A topic that members of the group read is refused. If the group has no "
        "position in one of them, nothing is deleted.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
