#include <algorithm>
#include <map>

#include "base/units.h"
#include "client/admin/deletions.h"
#include "client/admin/offsets.h"
#include "cmd/cluster.h"
#include "cmd/input/whole_file.h"
#include "cmd/named_topics.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "cmd/topic/deletions_json.h"
#include "cmd/words/shared_options.h"

namespace bobbin::cmd {
namespace {

// Up to where records go: below an offset, those before a time, or all that are there.
struct Before {
  enum class Kind { offset, time, end };
  Kind kind = Kind::end;
  Offset offset = offset_none;
  Timestamp time = timestamp_none;
};

struct Wanted {
  std::string topic;  // empty: the file says
  std::vector<PartitionId> partitions;
  Before before;
  std::vector<FiledDeletion> file;
};

Result<Before> before_of(const std::string& text) {
  if (text == "latest" || text == "end" || text == "-1") return Before{};
  if (text.starts_with('@')) {
    auto time = parse_time(std::string_view(text).substr(1), now());
    if (!time) return std::move(time).error().in("--before");
    if (*time > now())
      return usage("--before: that time is still to come; latest says that all records go that are there");
    return Before{Before::Kind::time, offset_none, *time};
  }
  BOBBIN_TRY_ASSIGN(offset, parse_number(text, 0, INT64_MAX, "--before"));
  return Before{Before::Kind::offset, Offset(offset), timestamp_none};
}

Result<Wanted> read(const Arguments& arguments) {
  const auto before = arguments.text("before"), file = arguments.text("from-file");
  if (before && file) return usage("--before and --from-file: give one of them");
  if (!before && !file)
    return usage("say which records go: --before OFFSET, --before @TIME, --before latest, or --from-file");
  Wanted wanted;
  if (file) {
    if (!arguments.topics().empty() || arguments.has("partition"))
      return usage("--from-file names the topics and partitions; give no others");
    BOBBIN_TRY_ASSIGN(text, whole_file(*file, "--from-file"));
    auto parsed = parse_deletions(text);
    if (!parsed) return usage("--from-file: " + parsed.error().message);
    wanted.file = std::move(*parsed);
    return wanted;
  }
  BOBBIN_TRY_ASSIGN(topic, one_topic(arguments));
  wanted.topic = std::move(topic);
  BOBBIN_TRY_ASSIGN(partitions, arguments.partitions());
  wanted.partitions = std::move(partitions);
  BOBBIN_TRY_ASSIGN(up_to, before_of(*before));
  wanted.before = up_to;
  return wanted;
}

// --- what is to be done

struct Planned {
  std::string topic;
  PartitionId partition;
  Offset first, start;  // where it begins now, and where it will
};
using Plan = std::vector<Planned>;

Status check_offset(const Planned& one, Offset end) {
  if (one.start <= end) return {};
  return error(Errc::offset_out_of_range, one.topic + "-" + to_string(one.partition) + " holds offsets " +
                                              to_string(one.first) + " to " + to_string(end) + " (the end), and not " +
                                              to_string(one.start) + "; nothing was deleted");
}

Status add_to(Plan& plan, client::Session& session, const std::string& topic,
              const std::vector<PartitionId>& partitions, const Before& before) {
  auto told = [&](client::At at) { return client::list_offsets(session, topic, at, partitions); };
  BOBBIN_TRY_ASSIGN(firsts, told(client::At::earliest()));
  if (before.kind == Before::Kind::offset && partitions.empty() && firsts.size() > 1)
    return usage("topic " + topic + " has " + std::to_string(firsts.size()) +
                 " partitions, and an offset is of one: say of which, --partition");
  BOBBIN_TRY_ASSIGN(ends, told(client::At::latest()));
  std::vector<client::PartitionOffset> found;
  if (before.kind == Before::Kind::time) {
    BOBBIN_TRY_ASSIGN(at_time, told(client::at_time(before.time)));
    found = std::move(at_time);
  }
  for (size_t i = 0; i < firsts.size(); i++) {
    BOBBIN_TRY(std::move(firsts[i].status));
    BOBBIN_TRY(std::move(ends[i].status));
    if (!found.empty()) BOBBIN_TRY(std::move(found[i].status));
    const Offset end = ends[i].offset;
    Offset below = end;  // where no record is as late as the time, all are before it
    if (before.kind == Before::Kind::offset && before.offset != offset_none) below = before.offset;
    if (!found.empty() && found[i].offset != offset_none) below = found[i].offset;
    const Planned one{topic, firsts[i].partition, firsts[i].offset, std::max(firsts[i].offset, below)};
    BOBBIN_TRY(check_offset(one, end));
    plan.push_back(one);
  }
  return {};
}

// Everything is looked up before anything is deleted.
Result<Plan> plan_of(client::Session& session, const Wanted& wanted) {
  Plan plan;
  if (!wanted.topic.empty()) BOBBIN_TRY(add_to(plan, session, wanted.topic, wanted.partitions, wanted.before));
  for (const FiledDeletion& one : wanted.file) {
    const Before before{Before::Kind::offset, one.below, timestamp_none};
    BOBBIN_TRY(add_to(plan, session, one.topic, {one.partition}, before));
  }
  return plan;
}

// --- doing it

Cell cell(Offset offset) { return {offset.value}; }

int print_plan(const Plan& plan, const Arguments& arguments) {
  Listing listing({"topic", "partition", "first", "start"});
  int64_t count = 0;
  for (const Planned& one : plan) {
    listing.add({one.topic, one.partition.value, cell(one.first), cell(one.start)});
    count += one.start - one.first;
  }
  notice(arguments,
         "would delete " + std::to_string(count) + (count == 1 ? " offset" : " offsets") + "; nothing was done");
  return print(listing, arguments);
}

int carry_out(client::Session& session, const Plan& plan, const Arguments& arguments) {
  std::map<std::string, std::vector<const Planned*>> by_topic;
  for (const Planned& one : plan) by_topic[one.topic].push_back(&one);
  Report report;
  Listing listing({"topic", "partition", "first", "start"});
  for (const auto& [topic, parts] : by_topic) {
    std::vector<client::Deletion> what;
    for (const Planned* one : parts) what.push_back({one->partition, one->start});
    auto deleted = client::delete_records(session, topic, what);
    if (!deleted) {
      report.failed(deleted.error());
      continue;
    }
    for (size_t i = 0; i < parts.size(); i++) {
      const client::Deleted& told = (*deleted)[i];
      if (!told.status) {
        report.failed(told.status.error());
        continue;
      }
      report.done();
      listing.add({topic, told.partition.value, cell(parts[i]->first), cell(told.start)});
    }
  }
  const int printed = print(listing, arguments);
  return report.exit_code() != exit_done ? report.exit_code() : printed;
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "topic trim");
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  auto plan = plan_of(**session, *wanted);
  if (!plan) return fail_list(plan.error(), "topic trim", arguments);
  return arguments.has("dry-run") ? print_plan(*plan, arguments) : carry_out(**session, *plan, arguments);
}

constexpr Option options[] = {
    topic_name,
    {.name = "partition",
     .shorts = "p",
     .value = "N[,N...]",
     .doc = "Only these partitions. An offset needs it, unless the topic has one partition.",
     .repeats = true},
    {.name = "before",
     .value = "WHERE",
     .doc = "Which records go: those below an offset (1200); those before the first that was written at or after a "
            "time, as "
            "@2026-01-31T10:00Z, @-7d or milliseconds since 1970 (all of them, where none is so late); or, by latest, "
            "all that are "
            "there when the command begins."},
    {.name = "from-file",
     .aliases = "offset-json-file",
     .value = "FILE",
     .doc = "What Kafka's kafka-delete-records takes: {\"version\":1, \"partitions\":[{\"topic\":\"orders\", "
            "\"partition\":0, \"offset\":1200}]}; offset -1 is the end. - is stdin."},
    {.name = "dry-run", .doc = "Only print where the partitions would begin."},
};

constexpr Example examples[] = {
    {"bobbin topic trim orders --before @-7d --dry-run", "what is older than a week"},
    {"bobbin topic trim orders -p 0 --before 1200", "partition 0 begins at offset 1200 from then on"},
    {"bobbin topic trim orders --before latest", "all that is there; the topic stays, and so do its offsets"},
};

}  // namespace

extern constinit const Command topic_trim{
    .name = "topic trim",
    .arguments = "[NAME]",
    .summary = "Delete the oldest records of a topic",
    .description =
        "Deletes records from the front of a topic's partitions and prints where each began and where it begins now. "
        "They are read no more as soon as the command ends, by nobody, whichever broker leads or dies; their files go "
        "when retention looks at them the next time (log.retention.check.interval.ms), a whole segment at a time. "
        "Everything is looked up first: an offset behind a partition's end, or a partition that is not there, and "
        "nothing is deleted. There is no way back. Topics that keep all of their records (cleanup.policy=compact) are "
        "refused.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
