// A log in memory and a small language to fill it.
#pragma once

#include <catch2/catch.hpp>

#include "log/log.h"
#include "log/memory_world.h"
#include "log/open_work.h"
#include "record/batch_builder.h"

namespace bobbin::test {

using namespace bobbin::log;

inline const TopicId topic_id = [] {
  TopicId id;
  id.bytes[0] = 7;
  return id;
}();

struct From {  // a producer's place
  int64_t id = -1;
  int16_t epoch = -1;
  int32_t sequence = -1;
};

inline constexpr int64_t t0 = 1700000000000;

// `count` records with values "v<n>...", timestamps from `time` on, one ms apart.
inline std::string batch(int count, int64_t time = t0, From from = {}, size_t value_bytes = 20,
                         record::Compression codec = record::Compression::none) {
  record::BatchBuilder builder;
  for (int i = 0; i < count; i++) {
    std::string value = "v" + std::to_string(i);
    value.resize(value_bytes, '.');
    builder.add(Timestamp(time + i), "k", Bytes(value));
  }
  record::BatchFields fields;
  fields.compression = codec;
  fields.producer_id = ProducerId(from.id);
  fields.producer_epoch = ProducerEpoch(from.epoch);
  fields.base_sequence = Sequence(from.sequence);
  auto sealed = builder.seal(fields);
  REQUIRE(sealed.ok());
  return std::move(*sealed);
}

struct Fixture {
  explicit Fixture(uint64_t seed = 1) : w(seed) {
    REQUIRE(w.storage.make_dir("/data").ok());
    REQUIRE(w.storage.sync_dir("/").ok());
  }

  Result<std::unique_ptr<Log>> try_open(const OpenHint& hint = {}) {
    log.reset();
    files = std::make_unique<Files>(w.storage, 16);
    report = {};
    return open_log(w.world, *files, dir, topic_id, config, hint, report);
  }
  Log& open(const OpenHint& hint = {}) {
    auto opened = try_open(hint);
    if (!opened) FAIL(opened.error().message);
    log = std::move(*opened);
    return *log;
  }
  Result<Appended> append(const std::string& bytes, int epoch = 0) {
    return log->append(bytes, LeaderEpoch(epoch), AppendOrigin::client);
  }
  Offset must_append(const std::string& bytes, int epoch = 0) {
    auto done = append(bytes, epoch);
    if (!done) FAIL(done.error().message);
    return done->base_offset;
  }
  Errc append_code(const std::string& bytes) {
    auto done = append(bytes);
    return done ? Errc::none : done.error().code;
  }
  Status flush() { return flush(*log); }
  static Status flush(Log& which) {
    FlushWork work = which.begin_flush();
    Status status = work.work();
    which.flush_done(work.end, status);
    return status;
  }
  // Whether the batch that holds `at` comes back, sound.
  bool readable(Offset at) {
    auto bytes = log->read(at, log->log_end(), 1 << 20, true);
    if (!bytes || bytes->empty()) return false;
    auto view = record::BatchView::parse(*bytes);
    return view && view->crc_is_valid() && view->base_offset() <= at && at <= view->last_offset();
  }
  Errc read_code(Offset at) {
    auto bytes = log->read(at, log->log_end(), 1 << 20, true);
    return bytes ? Errc::none : bytes.error().code;
  }
  std::string segment(int64_t base, const char* suffix = ".log") const {
    return dir + "/" + offset_name(Offset(base), suffix);
  }

  MemoryWorld w;
  std::string dir = "/data/t-0";
  LogConfig config;
  std::unique_ptr<Files> files;
  std::unique_ptr<Log> log;
  RecoveryReport report;
};

// The batches of a segment file.
inline std::vector<BatchFacts> batches_of(const std::string& bytes) {
  std::vector<BatchFacts> out;
  for (size_t at = 0; at < bytes.size();) {
    auto view = record::BatchView::parse(Bytes(bytes).substr(at));
    if (!view) break;
    out.push_back({view->base_offset(), view->last_offset(), view->max_timestamp(), view->bytes().size()});
    at += view->bytes().size();
  }
  return out;
}

}  // namespace bobbin::test
