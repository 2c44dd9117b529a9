// OtherLog: a log as whoever does not own it finds it in its files.
#include "log/other_log.h"

#include <algorithm>

#include "base/offset_name.h"
#include "base/some_uuid.h"
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Other : Fixture {
  Other() {
    config.segment_bytes = 400;
    config.index_interval_bytes = 100;
    open();
  }
  Result<OtherLog> try_look(Offset sure_below = Offset(0)) {
    looking = std::make_unique<Files>(w.storage, 16);
    return OtherLog::look(*looking, {dir, topic_id, true, sure_below});
  }
  OtherLog look() {
    auto found = try_look();
    if (!found) FAIL(found.error().message);
    return std::move(*found);
  }
  // Two records each, of these epochs.
  void fill(std::initializer_list<int> epochs) {
    for (int epoch : epochs) must_append(batch(2), epoch);
  }
  void spoil(const std::string& path, uint64_t at) {
    auto file = w.storage.open(path, os::Open::write);
    REQUIRE(file.ok());
    REQUIRE((*file)->write("!", at).ok());
  }
  std::unique_ptr<Files> looking;
};

Offset end_of_batches(const std::string& bytes) { return batches_of(bytes).back().last_offset + 1; }

}  // namespace

TEST_CASE("Other log: where it begins and ends, and in which epoch, flushed or not") {
  Other f;
  f.fill({1, 1, 2, 2, 2, 5, 5});
  const OtherLog log = f.look();
  CHECK(log.start() == Offset(0));
  CHECK(log.end() == Offset(14));
  CHECK(log.last_epoch() == LeaderEpoch(5));
}

TEST_CASE("Other log: the epoch of a record, and where an epoch ends, in whichever segment") {
  Other f;
  f.fill({1, 1, 1, 3, 3, 3, 3, 3, 6, 6});
  OtherLog log = f.look();
  auto epoch_at = [&](int64_t offset) {
    auto found = log.epoch_at(Offset(offset));
    REQUIRE(found.ok());
    return *found;
  };
  CHECK(epoch_at(0) == LeaderEpoch(1));
  CHECK(epoch_at(5) == LeaderEpoch(1));
  CHECK(epoch_at(6) == LeaderEpoch(3));
  CHECK(epoch_at(15) == LeaderEpoch(3));
  CHECK(epoch_at(19) == LeaderEpoch(6));
  CHECK_FALSE(epoch_at(20));
  CHECK_FALSE(epoch_at(-1));
  auto end_of = [&](int epoch) {
    auto found = log.end_of(LeaderEpoch(epoch));
    REQUIRE(found.ok());
    return *found;
  };
  CHECK(end_of(0) == EpochEnd{leader_epoch_none, Offset(0)});
  CHECK(end_of(1) == EpochEnd{LeaderEpoch(1), Offset(6)});
  CHECK(end_of(2) == EpochEnd{LeaderEpoch(1), Offset(6)});
  CHECK(end_of(3) == EpochEnd{LeaderEpoch(3), Offset(16)});
  CHECK(end_of(5) == EpochEnd{LeaderEpoch(3), Offset(16)});
  CHECK(end_of(6) == EpochEnd{LeaderEpoch(6), Offset(20)});
  CHECK(end_of(9) == EpochEnd{LeaderEpoch(6), Offset(20)});
}

TEST_CASE("Other log: whole batches come from where they are asked for, across segments, until there are no more") {
  Other f;
  f.fill({1, 1, 1, 1, 1, 1});
  OtherLog log = f.look();
  Offset at(4);
  std::string all;
  while (at < Offset(12)) {
    auto bytes = log.read(at, 300);
    REQUIRE(bytes.ok());
    REQUIRE_FALSE(bytes->empty());
    CHECK(batches_of(*bytes).front().base_offset == at);
    at = end_of_batches(*bytes);
    all += *bytes;
  }
  CHECK(batches_of(all).size() == 4);
  auto behind = log.read(Offset(12), 300);
  REQUIRE(behind.ok());
  CHECK(behind->empty());
  auto amid = log.read(Offset(5), 300);
  REQUIRE(amid.ok());
  CHECK(batches_of(*amid).front().base_offset == Offset(6));
  auto large = log.read(Offset(0), 1);
  REQUIRE(large.ok());
  CHECK(batches_of(*large).size() == 1);
}

TEST_CASE("Other log: a torn or spoiled end is none, and what is spoiled before it ends what is read") {
  Other f;
  f.fill({1, 1});
  SECTION("a batch that was cut short") {
    auto file = f.w.storage.open(f.segment(0), os::Open::write);
    REQUIRE(file.ok());
    auto size = (*file)->size();
    REQUIRE(size.ok());
    REQUIRE((*file)->truncate(*size - 3).ok());
    CHECK(f.look().end() == Offset(2));
  }
  SECTION("a byte of the last batch") {
    auto stat = f.w.storage.stat(f.segment(0));
    REQUIRE(stat.ok());
    f.spoil(f.segment(0), stat->size - 1);
    CHECK(f.look().end() == Offset(2));
    auto believed = f.try_look(Offset(4));
    REQUIRE(believed.ok());
    CHECK(believed->end() == Offset(4));
    auto read = believed->read(Offset(0), 1 << 20);
    REQUIRE(read.ok());
    CHECK(end_of_batches(*read) == Offset(2));
  }
}

TEST_CASE(
    "Other log: behind a segment that a power cut has emptied there is nothing, unless that is below what is asked "
    "for") {
  Other f;
  f.fill({1, 1, 1, 1, 1, 1, 1, 1});
  REQUIRE(f.look().end() == Offset(16));
  std::vector<std::string> segments;
  const auto names = f.w.storage.list(f.dir);
  REQUIRE(names.ok());
  std::copy_if(names->begin(), names->end(), std::back_inserter(segments),
               [](const std::string& name) { return name.ends_with(".log"); });
  std::sort(segments.begin(), segments.end());
  REQUIRE(segments.size() > 2);
  const Offset second = *parse_offset_name(segments[1], ".log");
  auto file = f.w.storage.open(f.dir + "/" + segments[0], os::Open::write);
  REQUIRE((*file)->truncate(0).ok());
  CHECK(f.look().end() == Offset(0));
  CHECK(f.look().last_epoch() == leader_epoch_none);
  auto rest = f.try_look(second);
  REQUIRE(rest.ok());
  CHECK(rest->end() == Offset(16));
}

TEST_CASE("Other log: one without records ends where it begins, and has no epoch") {
  Other f;
  f.fill({1});
  REQUIRE(f.log->retention(Timestamp(t0 + 86400000LL * 365 * 10), Offset(2)).ok());
  f.w.jobs.run_all();
  auto found = f.try_look();
  REQUIRE(found.ok());
  CHECK(found->end() == Offset(2));
}

TEST_CASE("Other log: nothing is found where there is no folder, or another topic's") {
  Other f;
  auto none = f.try_look();
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().code == Errc::not_found);
  f.fill({1});
  Files files(f.w.storage, 16);
  auto others = OtherLog::look(files, {f.dir, uuid(99), true, Offset(0)});
  REQUIRE_FALSE(others.ok());
  CHECK(others.error().code == Errc::not_found);
}

TEST_CASE("Other log: nothing is written, also where its index lies") {
  Other f;
  f.fill({1, 1, 1, 1, 1});
  REQUIRE(f.log->close().ok());
  auto index = f.segment(0, ".index");
  auto bytes = os::read_whole_file(f.w.storage, index);
  REQUIRE(bytes.ok());
  REQUIRE_FALSE(bytes->empty());
  f.spoil(index, 5);
  const uint64_t writes = f.w.storage.calls(Call::write), cuts = f.w.storage.calls(Call::truncate);
  OtherLog log = f.look();
  CHECK(log.end() == Offset(10));
  REQUIRE(log.read(Offset(0), 1 << 20).ok());
  REQUIRE(log.end_of(LeaderEpoch(0)).ok());
  CHECK(f.w.storage.calls(Call::write) == writes);
  CHECK(f.w.storage.calls(Call::truncate) == cuts);
}
