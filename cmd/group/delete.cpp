#include "client/admin/groups.h"
#include "cmd/cluster.h"
#include "cmd/group/group_view.h"
#include "cmd/group/names.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"

namespace bobbin::cmd {
namespace {

// All are looked up before anything is deleted, so that a slip of the finger in the last name does not cost the groups
// before it.
Report checked(const std::vector<client::GroupDescription>& described) {
  Report report;
  for (const client::GroupDescription& group : described) {
    if (is_opaque(group)) continue;
    if (!group.status) report.failed(group.status.error());
    else if (!group.members.empty())
      report.failed(error(Errc::non_empty_group,
                          "group " + group.name + " has members; stop them first: " + members_text(group.members)));
  }
  return report;
}

Result<int> delete_groups(const Arguments& arguments, const std::vector<std::string>& names) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  BOBBIN_TRY_ASSIGN(described, client::describe_groups(*session, names));
  Report report = checked(described);
  if (report.exit_code() != exit_done) {
    if (names.size() > 1) notice(arguments, "nothing was deleted");
    return report.exit_code();
  }
  if (arguments.has("dry-run")) {
    std::string out;
    for (const std::string& name : names) out += name + "\n";
    notice(arguments, "would delete " + std::to_string(names.size()) +
                          (names.size() == 1 ? " group; nothing was done" : " groups; nothing was done"));
    return print(out);
  }
  BOBBIN_TRY_ASSIGN(outcomes, client::delete_groups(*session, names));
  for (const client::Outcome& outcome : outcomes) {
    if (outcome.status) report.done();
    else report.failed(outcome.status.error());
  }
  return report.exit_code();
}

int run(const Arguments& arguments) {
  auto names = several_groups(arguments);
  if (names && names->empty()) names = usage("name the groups");
  if (!names) return fail(names.error(), "group delete");
  auto code = delete_groups(arguments, *names);
  return code ? *code : fail(code.error());
}

constexpr Option options[] = {
    group_names,
    {.name = "dry-run", .doc = "Only say what would be deleted."},
};

constexpr Example examples[] = {
    {"bobbin group delete workers --dry-run", "whether it could go"},
    {"bobbin group delete workers copies", "names are never patterns"},
};

}  // namespace

extern constinit const Command group_delete{
    .name = "group delete",
    .arguments = "GROUP...",
    .summary = "Delete groups and their positions",
    .description =
        "Deletes the groups of exactly these names, with all their positions. Every name is looked up first; if one is "
        "not there, or has members, nothing is deleted.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
