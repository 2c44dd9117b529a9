#include <set>

#include "base/units.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "cmd/topic/new_topic.h"
#include "cmd/topic/setting.h"
#include "cmd/words/shared_options.h"
#include "metadata/names.h"

namespace bobbin::cmd {
namespace {

Result<std::vector<client::Config>> configs(const Arguments& arguments, bool is_local) {
  std::vector<client::Config> pairs;
  for (const std::string& text : arguments.all("config")) {
    auto pair = key_and_value(text);
    if (!pair) return error(Errc::usage, "--config: '" + text + "' is no NAME=VALUE");
    BOBBIN_TRY_ASSIGN(value, topic_setting(pair->first, pair->second, is_local));
    pairs.push_back({pair->first, value});
  }
  return pairs;
}

Result<client::NewTopic> read(const Arguments& arguments) {
  BOBBIN_TRY(check_names(arguments.topics()));
  client::NewTopic topic;
  BOBBIN_TRY_ASSIGN(partitions, arguments.number("partitions", 1, 10'000));
  BOBBIN_TRY_ASSIGN(replicas, arguments.number("replication-factor", 1, INT16_MAX));
  BOBBIN_TRY_ASSIGN(pairs, configs(arguments, !arguments.has("bootstrap-server")));
  if (partitions) topic.partitions = static_cast<int32_t>(*partitions);
  if (replicas) topic.replication_factor = static_cast<int16_t>(*replicas);
  topic.configs = std::move(pairs);
  return topic;
}

// The names were good by themselves: one that is refused here collides with another of this cluster ("a.b" and "a_b"), unless
// it is refused everywhere.
Error as_refusal(const client::CreatedTopic& topic) {
  Error error = topic.status.error();
  if (error.code == Errc::invalid_topic_exception && !metadata::is_reserved_topic(topic.name))
    error.code = Errc::topic_already_exists;
  return error;
}

int run(const Arguments& arguments) {
  auto prototype = read(arguments);
  if (!prototype) return fail(prototype.error(), "topic create");
  std::vector<client::NewTopic> topics;
  std::set<std::string> seen;
  for (const std::string& name : arguments.topics()) {
    if (!seen.insert(name).second) continue;  // named twice is meant once
    topics.push_back(*prototype);
    topics.back().name = name;
  }
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  auto created = client::create_topics(**session, topics);
  if (!created) return fail(created.error());
  Report report;
  for (const client::CreatedTopic& topic : *created) {
    bool is_fine = topic.status.ok() ||
                   (topic.status.error().code == Errc::topic_already_exists && arguments.has("if-not-exists"));
    if (!is_fine) report.failed(as_refusal(topic));
    else report.done();
    if (topic.status) notice(arguments, told_new_topic(topic));
  }
  return report.exit_code();
}

constexpr Option options[] = {
    topic_names,
    {.name = "partitions",
     .shorts = "p",
     .value = "N",
     .doc = "Number of partitions. Default: num.partitions of the brokers, which is 1."},
    {.name = "replication-factor",
     .shorts = "r",
     .value = "N",
     .doc = "Number of replicas of each partition. Default: default.replication.factor of the brokers, which is 1."},
    {.name = "config",
     .shorts = "c",
     .value = "NAME=VALUE",
     .doc = "A config of the topic, under Kafka's name; see bobbin.toml(5). Sizes as 64MiB and durations as 7d are "
            "understood.",
     .repeats = true},
    {.name = "if-not-exists", .doc = "A topic that is there already is fine; it is left as it is."},
};

constexpr Example examples[] = {
    {"bobbin topic create orders", "one partition, kept for 7 days"},
    {"bobbin topic create payments -p 6 -c retention.ms=30d -c segment.bytes=64MiB",
     "six partitions, kept for 30 days"},
    {"bobbin topic create orders --if-not-exists", "for scripts that run again"},
};

}  // namespace

extern constinit const Command topic_create{
    .name = "topic create",
    .arguments = "[NAME...]",
    .summary = "Create topics",
    .description =
        "Creates topics with the same partitions, replicas and configs. A name has up to 249 letters, digits, dots, "
        "underscores and hyphens.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
