#include "client/admin/offsets.h"
#include "base/units.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "cmd/words/shared_options.h"

namespace bobbin::cmd {
namespace {

using Kind = client::At::Kind;

Result<std::optional<client::At>> query(const Arguments& arguments) {
  auto text = arguments.text("at");
  if (!text) return std::optional<client::At>();
  if (*text == "earliest" || *text == "-2") return std::optional(client::At::earliest());
  if (*text == "latest" || *text == "-1") return std::optional(client::At::latest());
  if (*text == "max-timestamp" || *text == "-3") return std::optional(client::At::max_timestamp());
  BOBBIN_TRY_ASSIGN(time, arguments.time("at", now()));
  return std::optional(client::at_time(*time));
}

int print_at(client::Session& session, const std::string& topic, client::At at, const Arguments& arguments) {
  auto offsets = client::list_offsets(session, topic, at);
  if (!offsets) return fail_list(offsets.error(), "", arguments);
  Report report;
  Listing listing({"partition", "offset", "timestamp"});
  for (const client::PartitionOffset& p : *offsets) {
    if (!p.status) {
      report.failed(p.status.error());
      continue;
    }
    report.done();
    listing.add({p.partition.value, p.offset == offset_none ? Cell() : Cell(p.offset.value),
                 p.offset == offset_none ? Cell() : Cell(p.timestamp.value)});
  }
  int printed = print(listing, arguments);
  return report.exit_code() != exit_done ? report.exit_code() : printed;
}

int run(const Arguments& arguments) {
  auto topic = one_topic(arguments);
  if (!topic) return fail(topic.error(), "topic offsets");
  auto at = query(arguments);
  if (!at) return fail(at.error());
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  if (*at) return print_at(**session, *topic, **at, arguments);
  auto first = client::list_offsets(**session, *topic, {Kind::earliest});
  if (!first) return fail_list(first.error(), "", arguments);
  auto end = client::list_offsets(**session, *topic, {Kind::latest});
  if (!end) return fail_list(end.error(), "", arguments);
  Report report;
  Listing listing({"partition", "first", "end", "offsets"});
  for (size_t i = 0; i < first->size() && i < end->size(); i++) {
    const client::PartitionOffset& a = (*first)[i];
    const client::PartitionOffset& b = (*end)[i];
    if (!a.status || !b.status) {
      report.failed(a.status ? b.status.error() : a.status.error());
      continue;
    }
    report.done();
    listing.add({a.partition.value, a.offset.value, b.offset.value, b.offset - a.offset});
  }
  int printed = print(listing, arguments);
  return report.exit_code() != exit_done ? report.exit_code() : printed;
}

constexpr Option options[] = {
    topic_name,
    {.name = "at",
     .aliases = "time",
     .value = "TIME",
     .doc = "The first offset at or after this time instead of first and end: milliseconds since 1970 (-1500 lies "
            "before it), an ISO 8601 time such as 2026-01-31T10:00Z, or a time ago such as -1h. earliest, latest and "
            "max-timestamp are understood as well, and so are Kafka's numbers for them, -2, -1 and -3. Among records "
            "that are all from before 1970 max-timestamp finds none, as in Kafka."},
};

constexpr Example examples[] = {
    {"bobbin topic offsets orders", "first offset, end offset and number of records of each partition"},
    {"bobbin topic offsets orders --at -1h", "where the last hour begins"},
};

}  // namespace

extern constinit const Command topic_offsets{
    .name = "topic offsets",
    .arguments = "[NAME]",
    .summary = "Show the offsets of a topic's partitions",
    .description =
        "Shows the first offset, the end offset (one more than the last) and the number of offsets between them; with "
        "--at, the first offset at or after a time, or nothing where there is none.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
