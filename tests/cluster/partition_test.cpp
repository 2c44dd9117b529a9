// Partition: what is promised of a log, when, and what a topic's settings mean to it.
#include "cluster/partition.h"

#include <catch2/catch.hpp>

#include "log/log_fixture.h"

using namespace bobbin;
using cluster::Partition;

namespace {

struct Led : test::Fixture {
  explicit Led(config::FlushPolicy policy, bool is_checkpointed = true) {
    settings.flush_policy = policy;
    lead();
    if (is_checkpointed) partition->note_checkpoint();
  }
  // As an opened log is taken over.
  void lead(const log::OpenHint& hint = {}) {
    partition.reset();
    auto opened = try_open(hint);
    REQUIRE(opened.ok());
    partition = std::make_unique<Partition>(id, "t", std::move(*opened), settings, LeaderEpoch(3));
  }
  size_t append(int count) {
    const std::string bytes = test::batch(count);
    REQUIRE(partition->log().append(bytes, LeaderEpoch(3), log::AppendOrigin::client).ok());
    partition->appended(bytes.size());
    return bytes.size();
  }
  void flush() { REQUIRE(test::Fixture::flush(partition->log()).ok()); }

  const cluster::TopicPartition id{test::topic_id, PartitionId(0)};
  config::TopicSettings settings;
  std::unique_ptr<Partition> partition;
};

}  // namespace

TEST_CASE("Partition: under flush.policy=ack nothing is promised before it is on the disk") {
  Led led(config::FlushPolicy::ack);
  led.append(3);
  CHECK_FALSE(led.partition->advance());
  CHECK(led.partition->high_watermark() == Offset(0));
  CHECK(led.partition->waits_for_flush());
  led.flush();
  CHECK_FALSE(led.partition->waits_for_flush());
  CHECK(led.partition->advance());
  CHECK(led.partition->high_watermark() == Offset(3));
  CHECK_FALSE(led.partition->advance());  // it has moved already
}

TEST_CASE("Partition: under flush.policy=os what was appended is promised at once, without a checkpoint") {
  Led led(config::FlushPolicy::os, false);
  led.append(3);
  CHECK(led.partition->advance());
  CHECK(led.partition->high_watermark() == Offset(3));
  CHECK(led.partition->waits_for_flush());
  CHECK_FALSE(led.partition->is_checkpointed());
}

TEST_CASE("Partition: a flush promises what came before it, and the rest waits for the next one") {
  Led led(config::FlushPolicy::ack);
  led.append(2);
  log::FlushWork work = led.partition->log().begin_flush();
  led.append(5);
  led.partition->log().flush_done(work.end, work.work());
  CHECK(led.partition->advance());
  CHECK(led.partition->high_watermark() == Offset(2));
  CHECK(led.partition->waits_for_flush());
  led.flush();
  CHECK(led.partition->advance());
  CHECK(led.partition->high_watermark() == Offset(7));
}

TEST_CASE("Partition: bytes count when all records of their append are promised") {
  Led led(config::FlushPolicy::ack);
  CHECK(led.partition->promised_bytes() == 0);
  const size_t first = led.append(2);
  log::FlushWork work = led.partition->log().begin_flush();
  const size_t second = led.append(1), third = led.append(4);
  led.partition->log().flush_done(work.end, work.work());
  CHECK(led.partition->promised_bytes() == 0);
  REQUIRE(led.partition->advance());
  CHECK(led.partition->promised_bytes() == first);
  led.flush();
  REQUIRE(led.partition->advance());
  CHECK(led.partition->promised_bytes() == first + second + third);
}

TEST_CASE("Partition: it is read below the high watermark, and not a record further") {
  Led led(config::FlushPolicy::ack);
  const size_t first = led.append(2);
  led.flush();
  led.partition->advance();
  led.append(3);
  auto read = [&](int64_t from) {
    auto bytes = led.partition->read(Offset(from), 1 << 20, true);
    return bytes ? std::to_string(bytes->size()) : std::string(name(bytes.error().code));
  };
  CHECK(read(0) == std::to_string(first));
  CHECK(read(1) == std::to_string(first));  // the batch that holds it
  CHECK(read(2) == "0");
  CHECK(read(-1) == "OFFSET_OUT_OF_RANGE");
  CHECK(read(6) == "OFFSET_OUT_OF_RANGE");
  auto extent = led.partition->extent(Offset(0));
  REQUIRE((extent && *extent));
  CHECK((*extent)->next_offset == Offset(2));
  CHECK_FALSE(led.partition->extent(Offset(2))->has_value());
}

TEST_CASE("Partition: settings that promise more move the high watermark, those that promise less take nothing back") {
  Led led(config::FlushPolicy::ack);
  led.append(3);
  led.settings.flush_policy = config::FlushPolicy::os;
  led.partition->update(led.settings, LeaderEpoch(4), led.config);
  CHECK(led.partition->high_watermark() == Offset(3));
  CHECK(led.partition->leader_epoch() == LeaderEpoch(4));
  led.settings.flush_policy = config::FlushPolicy::ack;
  led.partition->update(led.settings, LeaderEpoch(4), led.config);
  CHECK(led.partition->high_watermark() == Offset(3));
  led.append(1);
  CHECK_FALSE(led.partition->advance());
}

TEST_CASE("Partition: after a crash it is settled when all that was found is promised again") {
  Led led(config::FlushPolicy::ack);
  CHECK(led.partition->is_settled());  // nothing was found
  led.append(2);
  led.flush();
  led.append(3);
  led.partition.reset();
  led.w.kill();
  led.lead();
  CHECK(led.partition->log().log_end() == Offset(5));
  CHECK_FALSE(led.partition->is_settled());
  led.partition->note_checkpoint();
  led.append(1);  // belongs to this life
  led.flush();
  led.partition->advance();
  CHECK(led.partition->is_settled());
  CHECK(led.partition->high_watermark() == Offset(6));
}

TEST_CASE("Partition: a topic's settings become its log's, each its own") {
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

TEST_CASE("Partition: the topic's codec is the producer's, none or its own") {
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
