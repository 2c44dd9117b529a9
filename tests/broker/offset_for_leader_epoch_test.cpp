// OffsetForLeaderEpoch: where each reign ended, and which epochs are let in.
#include "protocol/messages/offset_for_leader_epoch.h"

#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

using Request = protocol::OffsetForLeaderEpochRequest;
using Response = protocol::OffsetForLeaderEpochResponse;
using End = Response::EpochEndOffset;

// Topic t in two reigns: the first wrote offsets 0 to 2, the second, three lives later, 3 and 4.
struct Reigns {
  Reigns() {
    b.create("t");
    first = epoch();
    b.produce("t", batch_of({"a", "b", "c"}));
    b.restart_after_kill();
    between = epoch();
    b.restart_after_kill();
    second = epoch();
    b.produce("t", batch_of({"d", "e"}));
    REQUIRE((first < between && between < second));
  }
  int32_t epoch() { return b.broker->image().topic("t")->partitions[0].leader_epoch.value; }
  End ask(int32_t epoch, int32_t current = -1, int16_t version = 4, int32_t replica = -1) {
    Request request;
    request.replica_id = replica;
    request.topics.push_back({"t", {{0, current, epoch}}});
    return b.call<Response>(version, request).topics.at(0).partitions.at(0);
  }
  static End found(int32_t epoch, int64_t end) { return {0, 0, epoch, end}; }
  static End refused(Errc why, int32_t partition = 0) { return {static_cast<int16_t>(why), partition, -1, -1}; }

  OneBroker b;
  int32_t first = 0, between = 0, second = 0;
};

}  // namespace

TEST_CASE("OffsetForLeaderEpoch: an epoch ends where the next one in the log begins, and this one at its end") {
  Reigns r;
  for (const int16_t version : std::vector<int16_t>{2, 3, 4}) {
    CHECK(r.ask(r.first, -1, version) == r.found(r.first, 3));
    CHECK(r.ask(r.second, -1, version) == r.found(r.second, 5));
    // Nothing was appended in it: the one before tells.
    CHECK(r.ask(r.between, -1, version) == r.found(r.first, 3));
  }
  // Nobody knows of an epoch that is to come, nor of none.
  for (int32_t none : {r.second + 1, INT32_MAX, -1}) CHECK(r.ask(none) == r.found(-1, -1));
  // Any other negative one is one before all that are known.
  for (int32_t before : {-2, INT32_MIN}) CHECK(r.ask(before) == r.found(before, 0));
  // Who asks makes no difference.
  for (int32_t replica : {-1, -2, 0, 1, 7, INT32_MIN}) CHECK(r.ask(r.second, -1, 4, replica) == r.found(r.second, 5));
}

TEST_CASE("OffsetForLeaderEpoch: a reign in which nothing was appended yet ends where the log does") {
  Reigns r;
  r.b.restart_after_kill();
  const int32_t now = r.epoch();
  CHECK(r.ask(now) == r.found(now, 5));
  CHECK(r.ask(r.second) == r.found(r.second, 5));
  CHECK(r.ask(now + 1) == r.found(-1, -1));
  r.b.create("empty");
  Request request;
  request.topics.push_back({"empty", {{0, -1, 0}, {0, -1, 1}}});
  auto told = r.b.call<Response>(4, request).topics.at(0).partitions;
  CHECK(told == std::vector<End>{r.found(0, 0), r.found(-1, -1)});
}

TEST_CASE("OffsetForLeaderEpoch: an epoch before all that are kept ended where they begin") {
  OneBroker b(config::ConfigMap{{"log.retention.check.interval.ms", "1000"}});
  b.create("t", 1, {{"segment.bytes", "1048576"}, {"retention.bytes", "1"}, {"file.delete.delay.ms", "0"}});
  b.restart_after_kill();
  b.restart_after_kill();
  const int32_t now = b.broker->image().topic("t")->partitions[0].leader_epoch.value;
  for (int i = 0; i < 3; i++) REQUIRE(b.produce("t", batch_of({std::string(700'000, 'x')})).error_code == 0);
  b.pass(2000);
  b.settle();
  Request request;
  request.topics.push_back({"t", {{0, -1, 0}}});
  const int64_t start = b.fetch("t", 2).log_start_offset;
  REQUIRE(start > 0);
  REQUIRE(now > 0);
  CHECK(b.call<Response>(4, request).topics.at(0).partitions.at(0) == End{0, 0, 0, start});
}

TEST_CASE("OffsetForLeaderEpoch: who believes in another reign is told so, and -1 alone believes in none") {
  Reigns r;
  CHECK(r.ask(r.first, r.second) == r.found(r.first, 3));
  CHECK(r.ask(r.first, r.second - 1) == r.refused(Errc::fenced_leader_epoch));
  CHECK(r.ask(r.first, -2) == r.refused(Errc::fenced_leader_epoch));
  CHECK(r.ask(r.first, r.second + 1) == r.refused(Errc::unknown_leader_epoch));
}

TEST_CASE("OffsetForLeaderEpoch: what is not there, and what others lead; each as often as it is named") {
  OneBroker a;
  OneBroker b(a, BrokerId(2));
  auto held = a.world.storage.try_lock(a.dir.broker_lock(BrokerId(2)));
  REQUIRE(held.ok());
  a.broker->on_metadata_changed();
  a.settle();
  a.create("t", 2);
  const auto& partitions = a.broker->image().topic("t")->partitions;
  const int32_t theirs = partitions[0].leader == BrokerId(2) ? 0 : 1;
  Request request;
  request.topics.push_back({"t", {{theirs, 9, 0}, {1 - theirs, -1, 0}, {1 - theirs, -1, 0}, {2, -1, 0}, {-1, -1, 0}}});
  request.topics.push_back({"no.such", {{0, -1, 0}}});
  request.topics.push_back({"not/ok", {{0, -1, 0}}});
  request.topics.push_back({"t", {}});
  auto told = a.call<Response>(4, request);
  REQUIRE(told.topics.size() == 4);
  const End found = Reigns::found(0, 0);
  auto ours = [&](End end) {
    end.partition = 1 - theirs;
    return end;
  };
  // An epoch is compared by whoever has a copy, and this broker has none.
  CHECK(told.topics[0].partitions == std::vector<End>{Reigns::refused(Errc::not_leader_or_follower, theirs),
                                                      ours(found), ours(found),
                                                      Reigns::refused(Errc::unknown_topic_or_partition, 2),
                                                      Reigns::refused(Errc::unknown_topic_or_partition, -1)});
  for (size_t i : {1, 2})
    CHECK(told.topics[i].partitions == std::vector<End>{Reigns::refused(Errc::unknown_topic_or_partition)});
  CHECK(told.topics[3].partitions.empty());
}
