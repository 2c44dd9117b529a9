#include "client/admin/groups.h"
#include "cmd/cluster.h"
#include "cmd/group/group_view.h"
#include "cmd/group/names.h"
#include "cmd/group/positions_file.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"

namespace bobbin::cmd {
namespace {

std::string render(const std::vector<FiledPosition>& positions, bool with_groups, OutputForm form) {
  if (form == OutputForm::text) return positions_csv(positions, with_groups);
  Listing listing({"group", "topic", "partition", "offset"});
  for (const FiledPosition& p : positions) listing.add({p.group, p.topic, p.partition.value, p.offset.value});
  return listing.render(form);
}

Result<int> export_groups(const Arguments& arguments, const std::vector<std::string>& names) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  BOBBIN_TRY_ASSIGN(described, client::describe_groups(*session, names));
  Report report;
  std::vector<FiledPosition> all;
  for (const client::GroupDescription& group : described) {
    auto positions = group.status || is_opaque(group) ? client::committed_positions(*session, group.name)
                                                      : Result<client::Positions>(group.status.error());
    if (!positions) {
      report.failed(positions.error());
      continue;
    }
    report.done();
    for (const auto& [place, offset] : *positions) all.push_back({group.name, place.first, place.second, offset});
  }
  const bool failed = report.exit_code() != exit_done;
  const int printed = failed && all.empty() ? exit_done : print(render(all, names.size() > 1, output_form(arguments)));
  return failed ? report.exit_code() : printed;
}

int run(const Arguments& arguments) {
  auto names = several_groups(arguments);
  if (names && names->empty()) names = usage("name the groups");
  if (!names) return fail(names.error(), "group export");
  auto code = export_groups(arguments, *names);
  return code ? *code : fail(code.error());
}

constexpr Option options[] = {group_names};

constexpr Example examples[] = {
    {"bobbin group export workers > workers.csv", "to keep how far it is"},
    {"bobbin group reset workers --from-file workers.csv --execute", "and to go back there"},
    {"bobbin group export workers | bobbin group reset copies --from-file - --execute",
     "another group goes on at the same place"},
};

}  // namespace

extern constinit const Command group_export{
    .name = "group export",
    .arguments = "GROUP...",
    .summary = "Print the positions of groups, as group reset takes them",
    .description =
        "Prints a line topic,partition,offset for each position of the group: CSV, which group reset --from-file and "
        "Kafka's kafka-consumer-groups --from-file read. With several groups each line begins with the group's name. "
        "--output json is an array of objects with group, topic, partition and offset, which group reset reads as "
        "well.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
