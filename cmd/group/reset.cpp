#include <algorithm>
#include <map>

#include "base/units.h"
#include "client/admin/groups.h"
#include "client/admin/offsets.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/group/group_view.h"
#include "cmd/group/names.h"
#include "cmd/group/positions_file.h"
#include "cmd/group/reset_way.h"
#include "cmd/named_topics.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"

namespace bobbin::cmd {
namespace {

using Kind = ResetWay::Kind;

struct Wanted {
  std::string group;
  ResetWay way;
  std::vector<TopicPart> parts;  // none: of all topics that it has positions in, or of the file
};

Result<Wanted> read(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(group, one_group(arguments));
  BOBBIN_TRY_ASSIGN(parts, topic_parts(arguments));
  BOBBIN_TRY_ASSIGN(way, reset_way(arguments, group, now()));
  const bool all = arguments.has("all-topics");
  if (way.kind == Kind::file && (all || !parts.empty())) return usage("--from-file names the topics; give no others");
  if (all && !parts.empty()) return usage("--topic and --all-topics: give one of them");
  if (way.kind != Kind::file && !all && parts.empty())
    return usage("say of which topics: --topic, or --all-topics for those that the group has positions in");
  if (arguments.has("dry-run") && arguments.has("execute")) return usage("--dry-run and --execute: give one of them");
  return Wanted{group, std::move(way), std::move(parts)};
}

// --- what is to be done

struct Planned {
  client::Place place;
  std::optional<Offset> from;
  Offset to;
};

// Only a group without members can be moved: they would go on from where they are, and commit over it.
Status check_idle(client::Session& session, const Arguments& arguments, const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(described, client::describe_groups(session, {wanted.group}));
  const client::GroupDescription& group = described[0];
  if (is_opaque(group)) return {};
  const bool may_be_new = wanted.way.kind == Kind::file || !wanted.parts.empty();
  if (!group.status && (group.status.error().code != Errc::group_id_not_found || !may_be_new))
    return group.status.error();
  if (!group.status) notice(arguments, "there is no group " + wanted.group + " yet; its first position makes it");
  if (!group.members.empty())
    return error(Errc::non_empty_group, "group " + wanted.group +
                                            " is at work, and would go on from where it is; stop its members first: " +
                                            members_text(group.members));
  return {};
}

// Which partitions of these topics, as far as they are there; what is not is reported.
Result<std::vector<client::Place>> named_places(client::Session& session, const std::vector<TopicPart>& parts,
                                                Report& report) {
  std::vector<std::string> names;
  for (const TopicPart& part : parts) names.push_back(part.topic);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  BOBBIN_TRY_ASSIGN(views, those_there(session, names, report));
  std::vector<client::Place> places;
  for (const client::TopicView& view : views) {
    for (const TopicPart& part : parts)
      if (part.topic == view.name) report_missing({view}, part.partitions, report);
    for (size_t i = 0; i < view.partitions.size(); i++) {
      client::Place place(view.name, static_cast<int32_t>(i));
      if (any_takes(parts, place)) places.push_back(std::move(place));
    }
  }
  return places;
}

// Those of the file, as topics with their partitions.
std::vector<TopicPart> parts_of(const client::Positions& positions) {
  std::vector<TopicPart> parts;
  for (const auto& [place, offset] : positions) {
    if (parts.empty() || parts.back().topic != place.first) parts.push_back({place.first, {}});
    parts.back().partitions.push_back(place.second);
  }
  return parts;
}

Result<std::vector<ResetLog>> logs_of(client::Session& session, const ResetWay& way, const std::string& topic,
                                      const std::vector<PartitionId>& numbers) {
  auto told = [&](client::At at) { return client::offsets_alone(client::list_offsets(session, topic, at, numbers)); };
  BOBBIN_TRY_ASSIGN(firsts, told(client::At::earliest()));
  BOBBIN_TRY_ASSIGN(ends, told(client::At::latest()));
  std::vector<ResetLog> logs;
  for (size_t i = 0; i < numbers.size(); i++) logs.push_back({firsts[i], ends[i]});
  if (way.kind != Kind::time) return logs;
  BOBBIN_TRY_ASSIGN(found, told(client::at_time(Timestamp(way.value))));
  for (size_t i = 0; i < numbers.size(); i++) logs[i].at_time = found[i];
  return logs;
}

class Planning {
 public:
  Planning(client::Session& session, const Arguments& arguments, const Wanted& wanted, Report& report)
      : session_(session), arguments_(arguments), wanted_(wanted), report_(report) {}

  Result<std::vector<Planned>> plan(const std::vector<client::Place>& places, const client::Positions& now) {
    std::map<std::string, std::vector<PartitionId>> by_topic;
    for (const auto& [topic, partition] : places) by_topic[topic].push_back(partition);
    std::vector<Planned> out;
    for (const auto& [topic, numbers] : by_topic) {
      auto logs = logs_of(session_, wanted_.way, topic, numbers);
      if (!logs) {
        report_.failed(logs.error());
        continue;
      }
      for (size_t i = 0; i < numbers.size(); i++) {
        const client::Place place(topic, numbers[i]);
        if (auto found = now.find(place); found != now.end()) (*logs)[i].current = found->second;
        if (auto planned = plan_one(place, (*logs)[i])) out.push_back(*planned);
      }
    }
    return out;
  }

 private:
  std::optional<Planned> plan_one(const client::Place& place, const ResetLog& log) {
    const std::string name = place.first + "-" + to_string(place.second);
    std::optional<Offset> filed;
    if (auto found = wanted_.way.file.find(place); found != wanted_.way.file.end()) filed = found->second;
    const auto to = new_position(wanted_.way, log, filed);
    if (!to) {
      report_.failed(error(Errc::invalid_request, name + ": --shift-by: the group has no position there"));
      return std::nullopt;
    }
    if (to->was_outside)
      notice(arguments_, name + ": what is asked for lies outside the log, which holds " + to_string(log.first) +
                             " to " + to_string(log.end) + " (the end); it goes to " + to_string(to->offset));
    return Planned{place, log.current, to->offset};
  }

  client::Session& session_;
  const Arguments& arguments_;
  const Wanted& wanted_;
  Report& report_;
};

// --- doing it

std::string render(const std::vector<Planned>& plan, const Arguments& arguments) {
  const OutputForm form = output_form(arguments);
  if (arguments.has("export") && form == OutputForm::text) {
    std::vector<FiledPosition> positions;
    for (const Planned& one : plan) positions.push_back({"", one.place.first, one.place.second, one.to});
    return positions_csv(positions, false);
  }
  if (arguments.has("export")) {
    Listing listing({"topic", "partition", "offset"});
    for (const Planned& one : plan) listing.add({one.place.first, one.place.second.value, one.to.value});
    return listing.render(form);
  }
  Listing listing({"topic", "partition", "current", "new"});
  for (const Planned& one : plan)
    listing.add({one.place.first, one.place.second.value, one.from ? Cell(one.from->value) : Cell(), one.to.value});
  return listing.render(form);
}

Result<int> execute(client::Session& session, const Arguments& arguments, const Wanted& wanted,
                    std::vector<Planned> plan, Report& report) {
  client::Positions to;
  for (const Planned& one : plan) to[one.place] = one.to;
  BOBBIN_TRY_ASSIGN(outcomes, client::move_positions(session, wanted.group, to));
  for (const client::Moved& moved : outcomes) {
    if (moved.status) {
      report.done();
      continue;
    }
    report.failed(moved.status.error());
    std::erase_if(plan, [&](const Planned& one) { return one.place == client::Place(moved.topic, moved.partition); });
  }
  const bool failed = report.exit_code() != exit_done;
  // A failure prints on stderr alone, unless a part is there to be shown.
  const int printed = failed && plan.empty() ? exit_done : print(render(plan, arguments));
  return failed ? report.exit_code() : printed;
}

Result<int> reset(const Arguments& arguments, const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  BOBBIN_TRY(check_idle(*session, arguments, wanted));
  BOBBIN_TRY_ASSIGN(positions, client::committed_positions(*session, wanted.group));
  if (positions.empty() && arguments.has("all-topics"))
    return error(Errc::invalid_request, "group " + wanted.group + " has no positions; name topics with --topic");
  Report report;
  std::vector<TopicPart> parts = wanted.parts;
  if (parts.empty()) parts = parts_of(wanted.way.kind == Kind::file ? wanted.way.file : positions);
  BOBBIN_TRY_ASSIGN(places, named_places(*session, parts, report));
  BOBBIN_TRY_ASSIGN(plan, Planning(*session, arguments, wanted, report).plan(places, positions));
  if (report.exit_code() != exit_done) {
    notice(arguments, "nothing was done");
    return report.exit_code();
  }
  if (arguments.has("execute")) return execute(*session, arguments, wanted, std::move(plan), report);
  notice(arguments, "nothing was done; --execute does it");
  return print(render(plan, arguments));
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "group reset");
  auto code = reset(arguments, *wanted);
  return code ? *code : fail(code.error());
}

constexpr Option options[] = {
    group_name,
    {.name = "to-earliest", .doc = "To the first record."},
    {.name = "to-latest", .doc = "To the end: only what comes from now on is read."},
    {.name = "to-current", .doc = "To where it is, or to the end where it has no position."},
    {.name = "to-offset", .value = "N", .doc = "To this offset."},
    {.name = "to-datetime",
     .value = "TIME",
     .doc = "To the first record at or after this time, as 2026-01-31T10:00Z, milliseconds since 1970, or -1h; to the "
            "end where there is none."},
    {.name = "by-duration",
     .value = "DURATION",
     .doc = "To the first record that is at most so old, as 1h30m or as PT1H30M."},
    {.name = "shift-by",
     .value = "N",
     .doc = "So many offsets on, or back if N is below 0. Each partition must have a position."},
    {.name = "from-file",
     .value = "FILE",
     .doc =
         "To the positions in this file, which group export, --export, or Kafka's kafka-consumer-groups wrote: CSV or "
         "JSON. Lines of other groups are passed over. - is stdin."},
    {.name = "topic",
     .shorts = "t",
     .value = "TOPIC[:N,...]",
     .doc = "The topic, with a colon only these of its partitions.",
     .repeats = true},
    {.name = "all-topics", .doc = "Every partition that the group has a position in."},
    {.name = "execute", .doc = "Do it. Without this the command only prints what it would do, and says so."},
    {.name = "dry-run", .doc = "Only print what it would do, which is done without --execute anyway."},
    {.name = "export",
     .doc = "Print the new positions as CSV, a line topic,partition,offset each, which --from-file reads."},
};

constexpr Example examples[] = {
    {"bobbin group reset workers --to-earliest --all-topics", "what reading everything once more would mean"},
    {"bobbin group reset workers --to-earliest --all-topics --execute", "and doing it"},
    {"bobbin group reset workers --by-duration 1h --topic orders --execute", "the last hour of one topic again"},
    {"bobbin group reset workers --shift-by 1 --topic orders:3 --execute", "past a record that nobody can handle"},
    {"bobbin group reset workers --from-file workers.csv --execute", "where group export found it"},
};

}  // namespace

extern constinit const Command group_reset{
    .name = "group reset",
    .arguments = "GROUP",
    .summary = "Move a group to other positions",
    .description =
        "Prints for each partition where the group is and where it would be, and with --execute moves it there. Where "
        "to is said in one of Kafka's ways (--to-..., --by-duration, --shift-by, --from-file), in which topics by "
        "--topic or --all-topics.\n\n"
        "A group that has members is refused: stop them first. A group that is not there is made by its first "
        "position. An offset outside the log is brought to the log's nearer end, and stderr says so. Unless every "
        "partition that is named is there and can be moved, nothing is moved.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
