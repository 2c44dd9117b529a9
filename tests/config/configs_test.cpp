#include <catch2/catch.hpp>

#include <algorithm>

#include "config/config_table.h"
#include "config/configs.h"

using namespace bobbin;
using namespace bobbin::config;

namespace {

constexpr ConfigScope topic = ConfigScope::topic;
constexpr ConfigScope broker = ConfigScope::broker;

std::string stored(ConfigScope scope, std::string_view name, std::string_view value) {
  return checked_config(scope, name, value).value();
}
std::string refusal(ConfigScope scope, std::string_view name, std::string_view value) {
  auto r = checked_config(scope, name, value);
  if (r) return "accepted as " + *r;
  if (r.error().code != Errc::invalid_config) return "another code";
  return r.error().message;
}

}  // namespace

TEST_CASE("Configs: the table is sorted, its defaults are valid and its synonyms exist") {
  for (auto table : {topic_configs(), broker_configs()}) {
    CHECK(std::is_sorted(table.begin(), table.end(), [](auto& a, auto& b) { return a.name < b.name; }));
    for (const ConfigKey& key : table) {
      INFO(key.name);
      CHECK(find_config(key.scope, key.name) == &key);
      CHECK(key.doc.ends_with('.'));
      CHECK(key.doc.find('\n') == std::string_view::npos);
      if (!key.default_value.empty()) CHECK(stored(key.scope, key.name, key.default_value) == key.default_value);
      for (std::string_view synonym : key.synonyms) CHECK(find_config(broker, synonym));
      const bool has_no_default = key.name.ends_with("throttled.replicas");  // as in Kafka
      CHECK(key.synonyms.empty() == (key.scope == broker || has_no_default));
      auto refused = refused_configs(key.scope);
      CHECK(std::find(refused.begin(), refused.end(), key.name) == refused.end());
    }
  }
}

TEST_CASE("Configs: a topic's default is its synonym's default") {
  for (const ConfigKey& key : topic_configs()) {
    INFO(key.name);
    ConfigValue v = effective(key, {});
    CHECK(v.source == ConfigSource::built_in);
    CHECK(v.value == key.default_value);
    if (key.synonyms.empty()) continue;
    const ConfigKey* behind = find_config(broker, key.synonyms.back());
    ConfigMap set{{std::string(behind->name), std::string(behind->default_value)}};
    ConfigLayers layers;
    layers.static_file = &set;
    CHECK(effective(key, layers).value == key.default_value);
  }
}

TEST_CASE("Configs: sizes and durations become the number that Kafka keeps") {
  CHECK(stored(topic, "segment.bytes", "64MiB") == "67108864");
  CHECK(stored(topic, "segment.bytes", " 1048576 ") == "1048576");
  CHECK(stored(topic, "retention.ms", "7d") == "604800000");
  CHECK(stored(topic, "retention.ms", "-1") == "-1");
  CHECK(stored(broker, "log.retention.hours", "7d") == "168");
  CHECK(stored(broker, "log.retention.minutes", "1h30m") == "90");
  CHECK(stored(broker, "leader.imbalance.check.interval.seconds", "2m") == "120");
  CHECK(stored(broker, "auto.create.topics.enable", "FALSE") == "false");
  CHECK(stored(topic, "cleanup.policy", "") == "");
  CHECK(stored(topic, "cleanup.policy", "compact, delete,compact") == "compact,delete");
  CHECK(stored(topic, "cleanup.policy", "compact,") == "compact");
  CHECK(stored(topic, "leader.replication.throttled.replicas", "") == "");
  CHECK(stored(topic, "leader.replication.throttled.replicas", "*") == "*");
  CHECK(stored(topic, "follower.replication.throttled.replicas", "0:1, 12:3,0:1") == "0:1,12:3");
  CHECK(stored(broker, "listeners", "127.0.0.1:9092") == "PLAINTEXT://127.0.0.1:9092");
  // No host is every interface, as in Kafka.
  CHECK(stored(broker, "listeners", ":9092") == "PLAINTEXT://:9092");
  CHECK(stored(broker, "listeners", "*:9092") == "PLAINTEXT://*:9092");
  CHECK(stored(broker, "listeners", "[::]:9092") == "PLAINTEXT://[::]:9092");
  CHECK(stored(broker, "listeners", "") == "");
  CHECK(stored(broker, "listeners", "PLAINTEXT://[::1]:0") == "PLAINTEXT://[::1]:0");
}

TEST_CASE("Configs: what is out of range is told the range") {
  CHECK(refusal(topic, "segment.bytes", "1048575") ==
        "segment.bytes: 1048575 is out of range: it must be at least 1048576 (1MiB), at most 2147483647");
  CHECK(refusal(topic, "segment.bytes", "4GiB").find("at most 2147483647") != std::string::npos);
  CHECK(refusal(topic, "retention.ms", "-2").find("-1 (no limit) or at least 0") != std::string::npos);
  CHECK(refusal(topic, "retention.ms", "soon").find("is not a number of milliseconds, also as 7d") !=
        std::string::npos);
  CHECK(refusal(topic, "min.insync.replicas", "0").find("at least 1") != std::string::npos);
  CHECK(refusal(topic, "min.insync.replicas", "1k").find("is not a number") != std::string::npos);
  CHECK(refusal(broker, "log.retention.hours", "90m").find("is not a number of hours") != std::string::npos);
  CHECK(refusal(topic, "compression.type", "none") ==
        "compression.type: 'none' is not one of producer, uncompressed, gzip, snappy, lz4, zstd");
  for (const char* wrong : {"1", "0:", ":1", "0:x", "-1:1", "0:1,*", "0:1:2"})
    CHECK(refusal(topic, "follower.replication.throttled.replicas", wrong).find("PARTITION:BROKER") !=
          std::string::npos);
  CHECK(refusal(topic, "cleanup.policy", "delete,burn").find("'burn' is not one of compact, delete") !=
        std::string::npos);
  CHECK(refusal(broker, "auto.create.topics.enable", "yes").find("neither true nor false") != std::string::npos);
  for (const char* bad : {"9092", "host", ":", "a:70000", "a:x", "::1:9092", "SSL://a:1", "a b:1", "a/b:1", "a,b:1",
                          "[::1:1", "$(x):1", "a\x1b:1"})
    CHECK(refusal(broker, "listeners", bad).find("is not HOST:PORT") != std::string::npos);
  auto why = [](const char* text) {
    std::string said = refusal(broker, "listeners", text);
    const std::string begins = std::string("listeners: '") + text + "' is not HOST:PORT, as 127.0.0.1:9092";
    return said.starts_with(begins) ? said.substr(begins.size()) : said;
  };
  CHECK(why("a:http") == "");
  CHECK(why("a:+1") == "");
  CHECK(why("a:1/") == "");
  CHECK(why("a:65536") == ": there is no port 65536");
  CHECK(why("a:99999999999999999999") == ": there is no port 99999999999999999999");
  CHECK(why("SSL://a:1") == ": listeners speak PLAINTEXT");
  CHECK(why("a:1,b:2") == ": a broker has one listener");
  CHECK(why("::1:9092") == ", or [::1]:9092");
}

TEST_CASE("Configs: an unknown name is told the nearest one, and whose it is") {
  CHECK(refusal(topic, "retension.ms", "1") == "retension.ms: unknown setting of topics; did you mean retention.ms?");
  CHECK(refusal(broker, "segment.bytes", "1048576").find("but one of topics; did you mean log.segment.bytes?") !=
        std::string::npos);
  CHECK(refusal(topic, "zzzz", "1") == "zzzz: unknown setting of topics");
  CHECK(refusal(topic, "delete.retention.ms", "1") ==
        "delete.retention.ms: this setting of Kafka has no effect here, so it is not accepted");
  CHECK(refusal(broker, "num.io.threads", "8").find("no effect here") != std::string::npos);
}

TEST_CASE("Configs: the strongest layer counts, and all are told in order") {
  ConfigMap own{{"retention.ms", "1"}}, one{{"log.retention.ms", "2"}}, all{{"log.retention.ms", "3"}},
      file{{"log.retention.ms", "4"}, {"log.retention.hours", "5"}};
  const ConfigKey& key = *find_config(topic, "retention.ms");
  auto chain = effective_chain(key, {&own, &one, &all, &file});
  std::vector<std::pair<std::string, int>> told;
  for (const ConfigValue& v : chain) told.emplace_back(v.value, static_cast<int>(v.source));
  CHECK(told == std::vector<std::pair<std::string, int>>{
                    {"1", 1}, {"2", 2}, {"3", 3}, {"4", 4}, {"18000000", 4}, {"604800000", 5}});
  CHECK(effective(key, {nullptr, nullptr, &all, &file}).source == ConfigSource::dynamic_default);
  CHECK(chain[4].name == "log.retention.hours");
  CHECK(effective(key, {nullptr, nullptr, nullptr, nullptr}).value == "604800000");
}

TEST_CASE("Configs: milliseconds come before minutes and hours, wherever they are set") {
  ConfigMap dynamic{{"log.retention.hours", "1"}, {"log.roll.hours", "2"}}, file{{"log.retention.minutes", "5"}};
  ConfigLayers layers{nullptr, nullptr, &dynamic, &file};
  TopicSettings s = topic_settings(layers);
  CHECK(s.retention_ms == 300'000);
  CHECK(s.segment_ms == 7'200'000);
}

TEST_CASE("Configs: settings as plain values") {
  TopicSettings s = topic_settings({});
  CHECK(s.delete_policy);
  CHECK_FALSE(s.compact_policy);
  CHECK(s.compression_type == "producer");
  CHECK(s.flush_policy == FlushPolicy::ack);
  CHECK(s.max_message_bytes == 1048588);
  CHECK(s.retention_ms == 604800000);
  CHECK(s.retention_bytes == -1);
  CHECK(s.segment_bytes == 1 << 30);
  CHECK(s.timestamp_before_max_ms == INT64_MAX);
  ConfigMap own{{"cleanup.policy", "compact"},
                {"flush.policy", "os"},
                {"message.timestamp.type", "LogAppendTime"},
                {"segment.bytes", "rubbish"}};
  ConfigLayers layers;
  layers.topic = &own;
  s = topic_settings(layers);
  CHECK_FALSE(s.delete_policy);
  CHECK(s.compact_policy);
  CHECK(s.flush_policy == FlushPolicy::os);
  CHECK(s.log_append_time);
  CHECK(s.segment_bytes == 1 << 30);
  BrokerSettings b = broker_settings({});
  CHECK(b.num_partitions == 1);
  CHECK(b.default_replication_factor == 1);
  CHECK(b.auto_create_topics);
  CHECK(b.idle_exit_ms == 30'000);
  CHECK(b.leader_rebalance);
  CHECK(b.leader_check_interval_ms == 300'000);
  CHECK(b.leader_imbalance_percent_max == 10);
  CHECK(b.socket_request_max_bytes == 104857600);
  CHECK(b.listeners.empty());
}

TEST_CASE("Configs: a listener in its parts, and that of each broker") {
  CHECK(parse_listener("PLAINTEXT://[::1]:9092").value() == ListenerParts{"PLAINTEXT", "::1", 9092});
  CHECK(parse_listener(":0").value() == ListenerParts{"PLAINTEXT", "", 0});
  CHECK(parse_listener("INTERN://a.b:1").value().text() == "INTERN://a.b:1");
  CHECK(parse_listener("PLAINTEXT://[::1]:9092").value().address() == "[::1]:9092");
  CHECK(parse_listener("*:1").value().address() == "*:1");
  CHECK(parse_listener("a:65536").error().code == Errc::invalid_config);
  CHECK(listener_of("PLAINTEXT://[::1]:9092", BrokerId(1)) == "PLAINTEXT://[::1]:9092");
  CHECK(listener_of("PLAINTEXT://[::1]:9092", BrokerId(3)) == "PLAINTEXT://[::1]:9094");
  CHECK(listener_of("PLAINTEXT://*:0", BrokerId(3)) == "PLAINTEXT://*:0");
  CHECK(listener_of("", BrokerId(3)) == "");
  CHECK(parse_listener(listener_of("a:65535", BrokerId(2))).error().message.find("no port 65536") != std::string::npos);
}

TEST_CASE("Configs: no limit is no limit in every unit, and other numbers are converted") {
  struct Case {
    ConfigMap brokers;
    int64_t retention_ms;
  };
  for (const Case& c :
       {Case{{{"log.retention.hours", "-1"}}, -1}, Case{{{"log.retention.minutes", "-1"}}, -1},
        Case{{{"log.retention.ms", "-1"}}, -1}, Case{{{"log.retention.hours", "2"}}, 7'200'000},
        Case{{{"log.retention.minutes", "3"}}, 180'000}, Case{{{"log.retention.ms", "4"}}, 4},
        // The finer unit counts.
        Case{{{"log.retention.hours", "2"}, {"log.retention.minutes", "-1"}}, -1},
        Case{{{"log.retention.minutes", "3"}, {"log.retention.ms", "4"}, {"log.retention.hours", "-1"}}, 4}}) {
    ConfigLayers file, cluster;
    file.static_file = &c.brokers;
    cluster.dynamic_default = &c.brokers;
    CHECK(topic_settings(file).retention_ms == c.retention_ms);
    CHECK(topic_settings(cluster).retention_ms == c.retention_ms);
  }
}

TEST_CASE("Configs: what would keep people out is refused with the least, and does not count where it stands") {
  struct Case {
    const char* name;
    std::vector<const char*> outlived, refused, taken;
    const char* words;
  };
  for (const Case& c : {Case{"queued.max.request.bytes",
                             {"0", "1", "16383", "1KiB"},
                             {"-2"},
                             {"-1", "16384", "1GiB"},
                             "it must be -1 (no limit) or at least 16384 (16KiB)"},
                        Case{"max.connections.per.ip",
                             {"0"},
                             {"-1"},
                             {"1", "2147483647"},
                             "it must be at least 1, at most 2147483647"}}) {
    CAPTURE(c.name);
    for (const char* value : c.outlived) {
      CHECK(refusal(broker, c.name, value) == std::string(c.name) + ": " + value + " is out of range: " + c.words);
      CHECK(is_outlived_config(broker, c.name, value));
    }
    for (const char* value : c.refused) {
      CHECK(refusal(broker, c.name, value).ends_with(c.words));
      CHECK_FALSE(is_outlived_config(broker, c.name, value));
    }
    for (const char* value : c.taken) {
      CHECK(checked_config(broker, c.name, value));
      CHECK_FALSE(is_outlived_config(broker, c.name, value));
    }
  }
  CHECK_FALSE(is_outlived_config(broker, "segment.bytes", "0"));
  CHECK_FALSE(is_outlived_config(broker, "log.segment.bytes", "0"));
  CHECK_FALSE(is_outlived_config(broker, "listeners", "0"));

  ConfigMap stored{{"queued.max.request.bytes", "1"}, {"max.connections.per.ip", "0"}},
      file{{"queued.max.request.bytes", "20000"}};
  for (auto layer : {&ConfigLayers::dynamic_broker, &ConfigLayers::dynamic_default, &ConfigLayers::static_file}) {
    ConfigLayers layers;
    layers.*layer = &stored;
    CHECK(broker_settings(layers).queued_request_bytes_max == 268435456);
    CHECK(broker_settings(layers).connections_per_ip_max == INT32_MAX);
    CHECK(effective(*find_config(broker, "queued.max.request.bytes"), layers).source == ConfigSource::built_in);
  }
  // What stands behind it counts.
  ConfigLayers both;
  both.dynamic_default = &stored;
  both.static_file = &file;
  CHECK(broker_settings(both).queued_request_bytes_max == 20000);
  CHECK(effective_chain(*find_config(broker, "queued.max.request.bytes"), both).size() == 2);
}

TEST_CASE("Configs: a duration that is added to the time of day has an end") {
  const std::string most = std::to_string(INT64_MAX);
  ConfigMap set{{"leader.imbalance.check.interval.seconds", most},
                {"idle.exit.ms", most},
                {"log.retention.check.interval.ms", most},
                {"log.segment.delete.delay.ms", most}};
  ConfigLayers layers;
  layers.static_file = &set;
  for (int64_t ms : {broker_settings(layers).idle_exit_ms, broker_settings(layers).retention_check_interval_ms,
                     topic_settings(layers).file_delete_delay_ms})
    CHECK(ms == int64_t{1} << 50);
  CHECK(broker_settings(layers).leader_check_interval_ms == (int64_t{1} << 50) / 1000 * 1000);
}

TEST_CASE("Configs: a stored number that cannot be, as another program may have written it, leaves the built-in one") {
  const TopicSettings built_in = topic_settings({});
  for (const char* bad : {"-2", "0", "x", "", "99999999999999999999", "1.5"}) {
    CAPTURE(bad);
    ConfigMap set{{"segment.bytes", bad}, {"max.message.bytes", bad}};
    if (std::string(bad) != "0") set["retention.ms"] = bad;
    ConfigLayers layers;
    layers.topic = &set;
    CHECK(topic_settings(layers).segment_bytes == built_in.segment_bytes);
    CHECK(topic_settings(layers).retention_ms == built_in.retention_ms);
    if (std::string(bad) != "0") CHECK(topic_settings(layers).max_message_bytes == built_in.max_message_bytes);
  }
}

TEST_CASE("Configs: replicas are named by partition and broker, or all of them") {
  using config::names_replica;
  CHECK_FALSE(names_replica("", PartitionId(0), BrokerId(1)));
  CHECK(names_replica("*", PartitionId(0), BrokerId(1)));
  CHECK(names_replica("3:2,0:1", PartitionId(0), BrokerId(1)));
  CHECK_FALSE(names_replica("3:2,0:1", PartitionId(0), BrokerId(2)));
  CHECK_FALSE(names_replica("10:1", PartitionId(0), BrokerId(1)));
}
