#include "client/admin/group_list.h"
#include "cmd/cluster.h"
#include "cmd/group/group_view.h"
#include "cmd/group/names.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"

namespace bobbin::cmd {
namespace {

struct Limits {
  std::optional<int64_t> records, behind_ms;
};

struct Wanted {
  std::vector<std::string> groups;  // none: all
  Limits limits;
  bool members = false, state = false;  // in place of the partitions
};

Result<Wanted> read(const Arguments& arguments) {
  Wanted wanted;
  BOBBIN_TRY_ASSIGN(groups, several_groups(arguments));
  wanted.groups = std::move(groups);
  BOBBIN_TRY_ASSIGN(records, arguments.number("fail-if-lag", 0, INT64_MAX));
  BOBBIN_TRY_ASSIGN(behind_ms, arguments.duration_ms("fail-if-behind"));
  wanted.limits = {records, behind_ms};
  wanted.members = arguments.has("members");
  wanted.state = arguments.has("state");
  if (wanted.members + wanted.state + arguments.has("offsets") > 1)
    return usage("--offsets, --members and --state: one of them, or --output json, which has all");
  return wanted;
}

// --- in each form

Cell offset_cell(const std::optional<Offset>& offset) { return offset ? Cell(offset->value) : Cell(); }

Listing members_of(const client::GroupDescription& group) {
  Listing listing({"member", "client", "host", "instance", "partitions"});
  for (const client::GroupMember& member : group.members) {
    const std::string assignment = assignment_text(member);
    listing.add({member.id, member.client_id, member.host, member.instance_id ? Cell(*member.instance_id) : Cell(),
                 assignment.empty() ? Cell() : Cell(assignment)});
  }
  return listing;
}

std::vector<Cell> row(const GroupView& view, const client::PartitionLag& p, bool for_people) {
  const client::GroupMember* owner = view.owner_of(p);
  Cell behind;
  if (p.behind_ms) behind = for_people ? Cell(about_text(*p.behind_ms)) : Cell(*p.behind_ms);
  return {p.topic,
          p.partition.value,
          offset_cell(p.current),
          offset_cell(p.end),
          p.records ? Cell(*p.records) : Cell(),
          behind,
          owner ? Cell(owner->id) : Cell()};
}

std::string as_text(const GroupView& view, const Wanted& wanted) {
  const client::GroupDescription& group = view.group;
  Listing head({"group", "state", "type", "protocol", "members", "coordinator"});
  auto cell = [](const std::string& text) { return text.empty() ? Cell() : Cell(text); };
  head.add({group.name, group.state, cell(group.protocol_type), cell(group.protocol),
            static_cast<int64_t>(group.members.size()), group.coordinator.value});
  std::string out = head.render(OutputForm::text);
  if (wanted.state) return out;
  if (wanted.members) return out + (group.members.empty() ? "" : "\n" + members_of(group).render(OutputForm::text));
  Listing partitions({"topic", "partition", "current", "end", "lag", "behind", "member"});
  for (const client::PartitionLag& p : view.partitions) partitions.add(row(view, p, true));
  return out + (view.partitions.empty() ? "" : "\n" + partitions.render(OutputForm::text));
}

std::string as_tsv(const GroupView& view, const Wanted& wanted) {
  const client::GroupDescription& group = view.group;
  Listing listing(std::vector<std::string>(8));
  if (wanted.state)
    listing.add({group.name, group.state, group.protocol_type, group.protocol,
                 static_cast<int64_t>(group.members.size()), group.coordinator.value});
  if (wanted.members)
    for (const client::GroupMember& m : group.members)
      listing.add({group.name, m.id, m.client_id, m.host, m.instance_id.value_or(""), assignment_text(m)});
  for (const client::PartitionLag& p : view.partitions) {
    if (wanted.state || wanted.members) break;
    std::vector<Cell> cells = row(view, p, false);
    cells.insert(cells.begin(), Cell(group.name));
    listing.add(std::move(cells));
  }
  return listing.render(OutputForm::tsv);
}

std::string render(const std::vector<GroupView>& views, const Wanted& wanted, OutputForm form) {
  std::string out = form == OutputForm::json ? "[" : "";
  for (const GroupView& view : views) {
    const bool is_first = &view == &views.front();
    if (form == OutputForm::json) out += (is_first ? "" : ",\n") + as_json(view);
    else if (form == OutputForm::tsv) out += as_tsv(view, wanted);
    else out += (is_first ? "" : "\n") + as_text(view, wanted);
  }
  return form == OutputForm::json ? out + "]\n" : out;
}

// --- what is too much

void check_limits(const GroupView& view, const Limits& limits, Report& report) {
  for (const client::PartitionLag& p : view.partitions) {
    const std::string where = "group " + view.group.name + ", " + p.topic + "-" + to_string(p.partition) + ": ";
    if (limits.records && p.records && *p.records > *limits.records)
      report.failed(error(Errc::policy_violation,
                          where + records_text(*p.records) + ", more than " + std::to_string(*limits.records)));
    if (limits.behind_ms && p.behind_ms && *p.behind_ms > *limits.behind_ms)
      report.failed(error(Errc::policy_violation, where + "the first unread record is " + about_text(*p.behind_ms) +
                                                      " old, more than " + about_text(*limits.behind_ms)));
  }
}

Result<std::vector<std::string>> all_names(client::Session& session, Report& report) {
  BOBBIN_TRY_ASSIGN(listed, client::list_groups(session));
  for (const Error& why : listed.missing) report.failed(why);
  std::vector<std::string> names;
  for (const client::ListedGroup& group : listed.groups) names.push_back(group.name);
  return names;
}

Result<int> describe(const Arguments& arguments, const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  Report report;
  std::vector<std::string> names = wanted.groups;
  if (names.empty()) {
    BOBBIN_TRY_ASSIGN(all, all_names(*session, report));
    names = std::move(all);
  }
  BOBBIN_TRY_ASSIGN(described, client::describe_groups(*session, names));
  const OutputForm form = output_form(arguments);
  const bool needs_lag =
      form == OutputForm::json || !(wanted.members || wanted.state) || wanted.limits.records || wanted.limits.behind_ms;
  std::vector<GroupView> views;
  for (client::GroupDescription& group : described) {
    auto view = !group.status ? Result<GroupView>(group.status.error())
                : needs_lag   ? view_of(*session, std::move(group))
                              : Result<GroupView>(GroupView{std::move(group), {}, {}});
    if (!view) {
      report.failed(view.error());
      continue;
    }
    report.done();
    for (const client::PartitionLag& p : view->partitions)
      if (!p.status) report.failed(p.status.error());
    check_limits(*view, wanted.limits, report);
    views.push_back(std::move(*view));
  }
  const bool failed = report.exit_code() != exit_done;
  // A failure prints on stderr alone, unless a part is there to be shown.
  const int printed = failed && views.empty() ? exit_done : print(render(views, wanted, form));
  return failed ? report.exit_code() : printed;
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "group describe");
  auto code = describe(arguments, *wanted);
  return code ? *code : fail(code.error());
}

constexpr Option options[] = {
    group_names,
    {.name = "offsets", .doc = "Show the partitions with position and lag, which is done anyway."},
    {.name = "members", .doc = "Show the members instead: who they are, and which partitions each one has."},
    {.name = "state", .doc = "Show only state, protocol, number of members and coordinator."},
    {.name = "fail-if-lag",
     .value = "N",
     .doc = "Exit 1 if a partition has more than N unread records, and say on stderr which."},
    {.name = "fail-if-behind",
     .value = "DURATION",
     .doc = "Exit 1 if the first unread record of a partition is older than this, as 30s or 5m."},
};

constexpr Example examples[] = {
    {"bobbin group describe workers", "position, end and lag of each partition, and who has it"},
    {"bobbin group describe workers --members", "who is in it"},
    {"bobbin group describe -q workers --fail-if-lag 1000 --fail-if-behind 5m > /dev/null || echo late | mail -s "
     "workers root",
     "in a crontab"},
    {"bobbin group describe workers --output json | jq '[.[0].partitions[].lag] | add'", "all unread records"},
};

}  // namespace

extern constinit const Command group_describe{
    .name = "group describe",
    .arguments = "[GROUP...]",
    .summary = "Show groups: members, positions and lag",
    .description =
        "Shows these groups, or all: state and members, and for each partition that the group has a position in, or "
        "that a member reads, the position (the next record that the group reads), the end, how many records lie "
        "between, how long ago the first of them was written (in JSON milliseconds: lag_ms), and the member that "
        "reads it. - (in JSON null) is what there is none of: no position, nothing unread, no member.\n\n"
        "A partition without a position counts with all its records, as a new group of bobbin begins with the first. "
        "Lag is counted in offsets: what compaction took away, and marks of transactions, count as well.\n\n"
        "--output json is an array of objects with group, state, type, protocol, coordinator, members and partitions, "
        "whatever else is asked for; tab-separated lines begin with the group's name, and have the time in "
        "milliseconds.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
