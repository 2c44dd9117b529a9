// Leading: what is promised of a log, and when.
#include "cluster/leading.h"

#include <catch2/catch.hpp>

#include "log/log_fixture.h"

using namespace bobbin;
using cluster::Leading;

namespace {

struct Led : test::Fixture {
  explicit Led(config::FlushPolicy policy, bool is_checkpointed = true) {
    settings.flush_policy = policy;
    lead();
    if (is_checkpointed) leading->copy().note_checkpoint();
  }
  // As an opened log is taken over.
  void lead(const log::OpenHint& hint = {}) {
    leading.reset();
    auto opened = try_open(hint);
    REQUIRE(opened.ok());
    auto copy = std::make_unique<cluster::Copy>(id, "t", std::move(*opened), settings);
    const Offset known = copy->durable_end();
    leading = std::make_unique<Leading>(std::move(copy), self, reign(3, {self}), known, 0);
  }
  cluster::Reign reign(int32_t epoch, std::vector<BrokerId> isr, std::vector<BrokerId> replicas = {BrokerId(1)},
                       int32_t min_isr = 1) const {
    return {self, LeaderEpoch(epoch), {std::move(replicas), std::move(isr), min_isr}};
  }
  size_t append(int count) {
    const std::string bytes = test::batch(count);
    REQUIRE(leading->append(bytes).ok());
    return bytes.size();
  }
  void flush() {
    log::FlushWork work = leading->copy().begin_flush();
    Status status = work.work();
    leading->copy().flush_done(work.end, status);
    REQUIRE(status.ok());
  }

  const BrokerId self{1};
  const cluster::TopicPartition id{test::topic_id, PartitionId(0)};
  config::TopicSettings settings;
  std::unique_ptr<Leading> leading;
};

}  // namespace

TEST_CASE("Leading: under flush.policy=ack nothing is promised before it is on the disk") {
  Led led(config::FlushPolicy::ack);
  led.append(3);
  CHECK_FALSE(led.leading->advance());
  CHECK(led.leading->high_watermark() == Offset(0));
  CHECK(waits_for_flush(led.leading->copy()));
  led.flush();
  CHECK_FALSE(waits_for_flush(led.leading->copy()));
  CHECK(led.leading->advance());
  CHECK(led.leading->high_watermark() == Offset(3));
  CHECK_FALSE(led.leading->advance());  // it has moved already
}

TEST_CASE("Leading: under flush.policy=os what was appended is promised at once, without a checkpoint") {
  Led led(config::FlushPolicy::os, false);
  led.append(3);
  CHECK(led.leading->advance());
  CHECK(led.leading->high_watermark() == Offset(3));
  CHECK(waits_for_flush(led.leading->copy()));
  CHECK_FALSE(led.leading->copy().is_checkpointed());
}

TEST_CASE("Leading: a flush promises what came before it, and the rest waits for the next one") {
  Led led(config::FlushPolicy::ack);
  led.append(2);
  log::FlushWork work = led.leading->copy().begin_flush();
  led.append(5);
  led.leading->copy().flush_done(work.end, work.work());
  CHECK(led.leading->advance());
  CHECK(led.leading->high_watermark() == Offset(2));
  CHECK(waits_for_flush(led.leading->copy()));
  led.flush();
  CHECK(led.leading->advance());
  CHECK(led.leading->high_watermark() == Offset(7));
}

TEST_CASE("Leading: bytes count when all records of their append are promised") {
  Led led(config::FlushPolicy::ack);
  CHECK(led.leading->promised_bytes() == 0);
  const size_t first = led.append(2);
  log::FlushWork work = led.leading->copy().begin_flush();
  const size_t second = led.append(1), third = led.append(4);
  led.leading->copy().flush_done(work.end, work.work());
  CHECK(led.leading->promised_bytes() == 0);
  REQUIRE(led.leading->advance());
  CHECK(led.leading->promised_bytes() == first);
  led.flush();
  REQUIRE(led.leading->advance());
  CHECK(led.leading->promised_bytes() == first + second + third);
}

TEST_CASE("Leading: it is read below the high watermark, and not a record further") {
  Led led(config::FlushPolicy::ack);
  const size_t first = led.append(2);
  led.flush();
  led.leading->advance();
  led.append(3);
  auto read = [&](int64_t from) {
    auto bytes = led.leading->read(Offset(from), 1 << 20, true);
    return bytes ? std::to_string(bytes->size()) : std::string(name(bytes.error().code));
  };
  CHECK(read(0) == std::to_string(first));
  CHECK(read(1) == std::to_string(first));  // the batch that holds it
  CHECK(read(2) == "0");
  CHECK(read(-1) == "OFFSET_OUT_OF_RANGE");
  CHECK(read(6) == "OFFSET_OUT_OF_RANGE");
  auto extent = led.leading->extent(Offset(0));
  REQUIRE((extent && *extent));
  CHECK((*extent)->next_offset == Offset(2));
  CHECK_FALSE(led.leading->extent(Offset(2))->has_value());
}

TEST_CASE("Leading: settings that promise more move the high watermark, those that promise less take nothing back") {
  Led led(config::FlushPolicy::ack);
  led.append(3);
  led.settings.flush_policy = config::FlushPolicy::os;
  led.leading->update(led.settings, led.config);
  CHECK(led.leading->high_watermark() == Offset(3));
  led.settings.flush_policy = config::FlushPolicy::ack;
  led.leading->update(led.settings, led.config);
  CHECK(led.leading->high_watermark() == Offset(3));
  led.append(1);
  CHECK_FALSE(led.leading->advance());
}

TEST_CASE("Leading: after a crash it is settled when all that was found is promised again") {
  Led led(config::FlushPolicy::ack);
  CHECK(led.leading->is_settled());  // nothing was found
  led.append(2);
  led.flush();
  led.append(3);
  led.leading.reset();
  led.w.kill();
  led.lead();
  CHECK(led.leading->copy().log_end() == Offset(5));
  CHECK_FALSE(led.leading->is_settled());
  led.leading->copy().note_checkpoint();
  led.append(1);  // belongs to this life
  led.flush();
  led.leading->advance();
  CHECK(led.leading->is_settled());
  CHECK(led.leading->high_watermark() == Offset(6));
}

TEST_CASE("Leading: with followers the high watermark is what all in sync have, and waits for enough of them") {
  Led led(config::FlushPolicy::os);
  const BrokerId two(2), three(3);
  const std::vector<BrokerId> all{led.self, two, three};
  led.leading->reign(led.reign(4, {led.self, two}, all, 2), 0);
  CHECK(led.leading->epoch() == LeaderEpoch(4));
  led.append(5);
  CHECK_FALSE(led.leading->advance());
  led.leading->in_sync().fetched(two, BrokerEpoch(7), Offset(3), Offset(5), 10);
  CHECK(led.leading->advance());
  CHECK(led.leading->high_watermark() == Offset(3));
  // Who is not in sync does not count, however far it is.
  led.leading->in_sync().fetched(three, BrokerEpoch(8), Offset(5), Offset(5), 10);
  CHECK_FALSE(led.leading->advance());
  // Too few in sync: nothing more is committed, whoever has it.
  led.leading->reign(led.reign(4, {led.self}, all, 2), 20);
  CHECK_FALSE(led.leading->in_sync().has_enough());
  CHECK_FALSE(led.leading->advance());
  CHECK(led.leading->high_watermark() == Offset(3));
  led.leading->reign(led.reign(4, all, all, 2), 30);
  led.leading->in_sync().fetched(two, BrokerEpoch(7), Offset(5), Offset(5), 40);
  CHECK(led.leading->advance());
  CHECK(led.leading->high_watermark() == Offset(5));
}

TEST_CASE("Leading: in a new reign nobody is told where the log ends before the followers have what it held") {
  Led led(config::FlushPolicy::os);
  const BrokerId two(2);
  led.append(4);
  REQUIRE(led.leading->advance());
  led.leading->reign(led.reign(5, {led.self, two}, {led.self, two}), 0);
  led.append(2);
  CHECK(led.leading->is_settled());  // what is told was committed before
  Led anew(config::FlushPolicy::os);
  anew.leading->reign(anew.reign(5, {anew.self, two}, {anew.self, two}), 0);
  anew.append(4);
  anew.leading->reign(anew.reign(6, {anew.self, two}, {anew.self, two}), 0);
  CHECK_FALSE(anew.leading->is_settled());
  anew.leading->in_sync().fetched(two, BrokerEpoch(1), Offset(4), Offset(4), 5);
  anew.leading->advance();
  CHECK(anew.leading->is_settled());
}

TEST_CASE("Leading: an epoch that is not in its log ends where the log does") {
  Led led(config::FlushPolicy::os);
  CHECK(led.leading->end_of(LeaderEpoch(2)) == log::EpochEnd{LeaderEpoch(2), Offset(0)});  // it is empty
  led.append(3);
  CHECK(led.leading->end_of(LeaderEpoch(3)) == log::EpochEnd{LeaderEpoch(3), Offset(3)});
  CHECK(led.leading->end_of(LeaderEpoch(9)) == log::EpochEnd{LeaderEpoch(3), Offset(3)});
}

TEST_CASE("Leading: to clients a reign has begun whether or not it appended, and of one to come nothing is known") {
  Led led(config::FlushPolicy::os);
  const log::EpochEnd none;
  CHECK(where_ended(*led.leading, LeaderEpoch(2)) == log::EpochEnd{LeaderEpoch(2), Offset(0)});
  CHECK(where_ended(*led.leading, LeaderEpoch(3)) == log::EpochEnd{LeaderEpoch(3), Offset(0)});
  led.append(3);
  led.leading->reign(led.reign(5, {led.self}), 0);
  CHECK(where_ended(*led.leading, LeaderEpoch(3)) == log::EpochEnd{LeaderEpoch(3), Offset(3)});
  CHECK(where_ended(*led.leading, LeaderEpoch(4)) == log::EpochEnd{LeaderEpoch(3), Offset(3)});
  CHECK(where_ended(*led.leading, LeaderEpoch(5)) == log::EpochEnd{LeaderEpoch(5), Offset(3)});
  led.append(2);
  CHECK(where_ended(*led.leading, LeaderEpoch(4)) == log::EpochEnd{LeaderEpoch(3), Offset(3)});
  CHECK(where_ended(*led.leading, LeaderEpoch(5)) == log::EpochEnd{LeaderEpoch(5), Offset(5)});
  for (int32_t unknown : {6, 9, -1}) CHECK(where_ended(*led.leading, LeaderEpoch(unknown)) == none);
  CHECK(where_ended(*led.leading, LeaderEpoch(-2)) == log::EpochEnd{LeaderEpoch(-2), Offset(0)});
}

TEST_CASE("Leading: records go below the watermark, and only where the configs let any go") {
  Led led(config::FlushPolicy::ack);
  led.append(5);
  led.flush();
  led.leading->advance();
  led.append(2);  // not promised yet
  auto code = [&](int64_t offset) {
    auto below = led.leading->delete_below(Offset(offset));
    return below ? Errc::none : below.error().code;
  };
  for (int64_t bad : {int64_t{-2}, int64_t{6}, int64_t{7}, INT64_MAX}) CHECK(code(bad) == Errc::offset_out_of_range);
  CHECK(led.leading->copy().log_start() == Offset(0));
  CHECK(led.leading->delete_below(Offset(2)).value() == Offset(2));
  CHECK(led.leading->delete_below(Offset(1)).value() == Offset(1));
  CHECK(led.leading->copy().log_start() == Offset(2));
  CHECK(led.leading->delete_below(Offset(-1)).value() == Offset(5));
  CHECK(led.leading->copy().log_start() == Offset(5));
  // It is so for good when a checkpoint tells of it.
  const auto nobody = [](BrokerId) { return false; };
  CHECK(low_watermark(*led.leading, nobody) == Offset(0));
  CHECK_FALSE(is_start_kept(led.leading->copy()));
  led.leading->copy().kept_start.note(Offset(3));
  CHECK(low_watermark(*led.leading, nobody) == Offset(3));
  led.leading->copy().kept_start.note(Offset(2));
  led.leading->copy().kept_start.note(Offset(5));
  CHECK(low_watermark(*led.leading, nobody) == Offset(5));
  CHECK(is_start_kept(led.leading->copy()));
  log::LogConfig keeps;
  keeps.delete_policy = false;
  keeps.compact_policy = true;
  led.leading->update(led.settings, keeps);
  CHECK(code(5) == Errc::policy_violation);
}

TEST_CASE("Leading: who reads in place has to ask again when records were deleted") {
  auto region = region::Region::create(BrokerId(1));
  REQUIRE(region.ok());
  Led led(config::FlushPolicy::os);
  led.append(3);
  led.leading->advance();
  const region::ShownEnd* shown = led.leading->show_in(**region);
  REQUIRE(shown);
  const uint64_t slot = shown->slot();
  REQUIRE(led.leading->delete_below(Offset(2)).ok());
  const region::ShownEnd* anew = led.leading->show_in(**region);
  REQUIRE(anew);
  CHECK(anew->slot() != slot);
}
