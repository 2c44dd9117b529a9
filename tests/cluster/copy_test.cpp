// Copy: what keeps a log, whatever the broker's role in it. Records come from elsewhere: from who has the role.
#include "cluster/copy.h"

#include <catch2/catch.hpp>

#include "log/log_fixture.h"

using namespace bobbin;
using cluster::Copy;

namespace {

struct Kept : test::Fixture {
  Kept() { take(); }
  // As an opened log is taken over; `role` is what its role sees of it.
  void take(const log::OpenHint& hint = {}) {
    copy.reset();
    auto opened = try_open(hint);
    REQUIRE(opened.ok());
    role = opened->get();
    copy.emplace(id, "t", std::move(*opened), settings);
  }
  Errc append(int count) {
    auto done = role->append(test::batch(count), LeaderEpoch(0), log::AppendOrigin::client);
    return done ? Errc::none : done.error().code;
  }
  Status flush() {
    log::FlushWork work = copy->begin_flush();
    Status status = work.work();
    copy->flush_done(work.end, status);
    return status;
  }
  size_t files(std::string_view suffix) {
    size_t count = 0;
    for (const std::string& path : w.storage.paths(dir)) count += path.ends_with(suffix);
    return count;
  }

  const cluster::TopicPartition id{test::topic_id, PartitionId(3)};
  config::TopicSettings settings;
  log::Log* role = nullptr;
  std::optional<Copy> copy;
};

}  // namespace

TEST_CASE("Copy: it waits for a flush from its first record on, and what comes during one waits for the next") {
  Kept k;
  CHECK(k.copy->name() == log::TopicPartition{"t", PartitionId(3)});
  CHECK((k.copy->log_end() == Offset(0) && k.copy->bytes() == 0));
  CHECK_FALSE((k.copy->is_dirty() || waits_for_flush(*k.copy)));
  REQUIRE(k.append(3) == Errc::none);
  CHECK(k.copy->log_end() == Offset(3));
  CHECK(k.copy->bytes() > 0);
  CHECK((k.copy->is_dirty() && waits_for_flush(*k.copy)));
  log::FlushWork work = k.copy->begin_flush();
  REQUIRE(k.append(2) == Errc::none);
  k.copy->flush_done(work.end, work.work());
  CHECK(k.copy->durable_end() == Offset(3));
  CHECK(waits_for_flush(*k.copy));
  REQUIRE(k.flush());
  CHECK(k.copy->durable_end() == Offset(5));
  CHECK_FALSE((k.copy->is_dirty() || waits_for_flush(*k.copy)));
}

TEST_CASE(
    "Copy: the end of a flush becomes the recovery point where a checkpoint was written before it, and not without") {
  Kept k;
  REQUIRE(k.append(3) == Errc::none);
  REQUIRE(k.flush());
  CHECK(k.copy->recovery_point() == Offset(0));
  CHECK_FALSE(k.copy->is_dirty());
  REQUIRE(k.copy->checkpoint(k.w.clock.wall()));
  CHECK(k.copy->is_dirty());  // with what lies beside the records
  CHECK_FALSE(waits_for_flush(*k.copy));
  REQUIRE(k.append(2) == Errc::none);
  CHECK(k.copy->recovery_point() == Offset(0));
  REQUIRE(k.flush());
  CHECK(k.copy->durable_end() == Offset(5));
  CHECK(k.copy->recovery_point() == Offset(5));
}

TEST_CASE("Copy: a sync that failed is not tried again, and the log takes nothing more") {
  Kept k;
  REQUIRE(k.append(3) == Errc::none);
  k.w.storage.inject({1, false, Errc::io_error, 0, {test::Call::sync}});
  CHECK_FALSE(k.flush().ok());
  REQUIRE(k.copy->failed());
  const uint64_t syncs = k.w.storage.calls(test::Call::sync);
  CHECK_FALSE(k.flush().ok());
  CHECK(k.w.storage.calls(test::Call::sync) == syncs);
  CHECK(k.copy->durable_end() == Offset(0));
  CHECK(k.append(1) != Errc::none);
  CHECK_FALSE(k.copy->retention(k.w.clock.wall(), Offset(0)).ok());
}

TEST_CASE("Copy: settings that change are its own and its log's") {
  Kept k;
  k.settings.flush_policy = config::FlushPolicy::ack;
  k.take();
  CHECK(k.copy->is_flushed_at_once());
  REQUIRE(k.append(3) == Errc::none);
  config::TopicSettings now = k.settings;
  now.flush_policy = config::FlushPolicy::os;
  log::LogConfig config = k.config;
  config.max_message_bytes = 70;
  k.copy->update(now, config);
  CHECK_FALSE(k.copy->is_flushed_at_once());
  CHECK(k.copy->settings().flush_policy == config::FlushPolicy::os);
  CHECK(k.append(3) == Errc::message_too_large);
}

TEST_CASE("Copy: what is expired is told without taking it, then taken, and never above the high watermark") {
  Kept k;
  k.config.retention_ms = 1000;
  k.config.file_delete_delay_ms = 500;
  k.take();
  REQUIRE(k.append(3) == Errc::none);
  REQUIRE(k.flush());
  const Timestamp before = k.w.clock.wall();
  k.w.clock.pass(2000);
  const Timestamp now = k.w.clock.wall();
  CHECK(k.copy->expired(before, Offset(3)).value() == 0);
  for (Offset watermark : {Offset(0), Offset(2)}) {
    CHECK(k.copy->expired(now, watermark).value() == 0);
    CHECK(k.copy->retention(now, watermark).value() == 0);
  }
  CHECK(k.copy->expired(now, Offset(3)).value() == 1);
  CHECK(k.copy->log_start() == Offset(0));
  CHECK(k.copy->retention(now, Offset(3)).value() == 1);
  CHECK(k.copy->log_start() == Offset(3));
  CHECK(k.copy->log_end() == Offset(3));
  // The files go once the disk knows where the log begins, and when their delay is over.
  REQUIRE(k.flush());
  k.w.jobs.run_all();
  CHECK(k.files(".deleted") > 0);
  const int64_t due = k.w.clock.mono_ms() + 500;
  CHECK(k.copy->due(k.w.clock.mono_ms()) == due);
  k.w.clock.pass(500);
  CHECK_FALSE(k.copy->due(due));
  k.w.jobs.run_all();
  CHECK(k.files(".deleted") == 0);
}

TEST_CASE("Copy: a log that is old enough begins another segment, whatever comes, and an empty one does not") {
  Kept k;
  k.config.segment_ms = 1000;
  k.take();
  k.w.clock.pass(5000);
  REQUIRE(k.copy->roll_if_due(k.w.clock.wall()));
  CHECK(k.files(".log") == 0);
  REQUIRE(k.append(3) == Errc::none);
  REQUIRE(k.copy->roll_if_due(k.w.clock.wall()));
  CHECK(k.files(".log") == 1);
  k.w.clock.pass(1001);
  for (int i = 0; i < 2; i++) REQUIRE(k.copy->roll_if_due(k.w.clock.wall()));
  CHECK(k.files(".log") == 2);
  CHECK(k.w.storage.exists(k.segment(3)));
}

TEST_CASE("Copy: closed after its last flush, it is opened without being read") {
  Kept k;
  REQUIRE(k.append(3) == Errc::none);
  REQUIRE(k.copy->prepare_to_close());
  REQUIRE(k.flush());
  CHECK(k.copy->recovery_point() == Offset(3));
  REQUIRE(k.copy->close());
  CHECK_FALSE(k.copy->is_checkpointed());
  k.copy->note_checkpoint();
  CHECK(k.copy->is_checkpointed());
  k.w.power_cut();
  log::OpenHint clean;
  clean.clean_shutdown = true;
  clean.recovery_point = clean.high_watermark = Offset(3);
  k.take(clean);
  CHECK((k.copy->log_end() == Offset(3) && k.copy->durable_end() == Offset(3)));
}
