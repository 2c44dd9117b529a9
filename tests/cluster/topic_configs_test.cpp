// TopicConfigs: what counts for a topic, and what its settings mean to a log.
#include "cluster/topic_configs.h"

#include <catch2/catch.hpp>

using namespace bobbin;

namespace {

TopicId topic(unsigned char n) {
  TopicId id;
  id.bytes.fill(n);
  return id;
}

}  // namespace

TEST_CASE("TopicConfigs: topics that set nothing share the defaults, and follow them") {
  cluster::TopicConfigs configs;
  config::ConfigMap defaults{{"log.retention.bytes", "1000"}};
  config::ConfigLayers broker;
  broker.dynamic_default = &defaults;
  configs.update(broker, 5);
  configs.take(topic(1), broker, {});
  const config::ConfigMap own{{"retention.bytes", "7"}};
  configs.take(topic(2), broker, own);
  CHECK(configs.of(topic(1)).retention_bytes == 1000);
  CHECK(configs.of(topic(2)).retention_bytes == 7);
  CHECK(configs.log_config_of(topic(1)).producer_expiration_ms == 5);
  CHECK(configs.with_own() == std::set<TopicId>{topic(2)});
  defaults["log.retention.bytes"] = "2000";
  configs.update(broker, 6);
  CHECK(configs.of(topic(1)).retention_bytes == 2000);
  CHECK(configs.of(topic(2)).retention_bytes == 7);
  CHECK(configs.log_config_of(topic(2)).producer_expiration_ms == 6);
  // It sets nothing any more, or is gone.
  configs.take(topic(2), broker, {});
  CHECK(configs.of(topic(2)).retention_bytes == 2000);
  configs.take(topic(2), broker, own);
  configs.forget(topic(2));
  CHECK(configs.with_own().empty());
}

TEST_CASE("TopicConfigs: a topic's settings become its log's, each its own") {
  config::TopicSettings s;
  s.segment_bytes = 1;
  s.segment_ms = 2;
  s.segment_jitter_ms = 3;
  s.segment_index_bytes = 4;
  s.index_interval_bytes = 5;
  s.retention_ms = 6;
  s.retention_bytes = 7;
  s.max_message_bytes = 8;
  s.file_delete_delay_ms = 9;
  s.timestamp_before_max_ms = 10;
  s.timestamp_after_max_ms = 11;
  s.log_append_time = true;
  s.delete_policy = false;
  s.compact_policy = true;
  const log::LogConfig c = cluster::log_config(s, 12);
  const std::vector<int64_t> numbers{c.segment_bytes,          c.segment_ms,
                                     c.segment_jitter_ms,      c.segment_index_bytes,
                                     c.index_interval_bytes,   c.retention_ms,
                                     c.retention_bytes,        c.max_message_bytes,
                                     c.file_delete_delay_ms,   c.timestamp_before_max_ms,
                                     c.timestamp_after_max_ms, c.producer_expiration_ms};
  CHECK(numbers == std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(c.timestamp_type == record::TimestampType::log_append_time);
  CHECK_FALSE(c.delete_policy);
  CHECK(c.compact_policy);
}

TEST_CASE("TopicConfigs: the topic's codec is the producer's, none or its own") {
  config::TopicSettings s;
  auto codec = [&](const char* type) {
    s.compression_type = type;
    return cluster::log_config(s, 0).compression;
  };
  CHECK(codec("producer") == std::nullopt);
  CHECK(codec("uncompressed") == record::Compression::none);
  CHECK(codec("gzip") == record::Compression::gzip);
  CHECK(codec("snappy") == record::Compression::snappy);
  CHECK(codec("lz4") == record::Compression::lz4);
  CHECK(codec("zstd") == record::Compression::zstd);
  s.log_append_time = false;
  CHECK(cluster::log_config(s, 0).timestamp_type == record::TimestampType::create_time);
}
