#include "broker/refusals.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using broker::Refusals;

namespace {

Refusals::Sender sender(uint64_t connection, int64_t producer = 7, int16_t epoch = 0) {
  return {transport::ConnectionId(connection), "t", {}, 0, ProducerId(producer), ProducerEpoch(epoch)};
}

}  // namespace

TEST_CASE("Refusals: what lies behind a refused batch is refused until the batch comes again") {
  Refusals refusals;
  CHECK_FALSE(refusals.is_behind(sender(1), Sequence(0)));
  refusals.note(sender(1), Sequence(0), error(Errc::disk_full));
  CHECK(refusals.is_behind(sender(1), Sequence(3)));
  CHECK_FALSE(refusals.is_behind(sender(1), Sequence(0)));
  refusals.note(sender(1), Sequence(3), error(Errc::disk_full));  // the first one counts
  CHECK_FALSE(refusals.is_behind(sender(1), Sequence(0)));
  refusals.note(sender(1), Sequence(0), {});
  CHECK_FALSE(refusals.is_behind(sender(1), Sequence(3)));
}

TEST_CASE("Refusals: whoever was told of damage sends the batch again, and nothing of its own may overtake it") {
  for (Errc code : {Errc::damaged, Errc::misplaced, Errc::kafka_storage_error}) {
    Refusals refusals;
    refusals.note(sender(1), Sequence(0), error(code));
    CHECK(refusals.is_behind(sender(1), Sequence(3)));
    CHECK_FALSE(refusals.is_behind(sender(1), Sequence(0)));
  }
}

TEST_CASE("Refusals: they concern one connection, producer and epoch") {
  Refusals refusals;
  refusals.note(sender(2), Sequence(0), error(Errc::unknown_topic_id));
  CHECK(refusals.is_behind(sender(2), Sequence(1)));
  CHECK_FALSE(refusals.is_behind(sender(1), Sequence(1)));
  CHECK_FALSE(refusals.is_behind(sender(2, 8), Sequence(1)));
  CHECK_FALSE(refusals.is_behind(sender(2, 7, 1), Sequence(1)));
}

TEST_CASE("Refusals: an error that does not pass holds nothing back") {
  Refusals refusals;
  refusals.note(sender(1), Sequence(0), error(Errc::message_too_large));
  CHECK_FALSE(refusals.is_behind(sender(1), Sequence(1)));
}

TEST_CASE("Refusals: a connection that went is forgotten, its neighbours are not") {
  Refusals refusals;
  for (uint64_t c : {1, 2, 3}) refusals.note(sender(c), Sequence(0), error(Errc::not_leader_or_follower));
  refusals.forget(transport::ConnectionId(2));
  CHECK(refusals.size() == 2);
  CHECK(refusals.is_behind(sender(1), Sequence(1)));
  CHECK_FALSE(refusals.is_behind(sender(2), Sequence(1)));
  CHECK(refusals.is_behind(sender(3), Sequence(1)));
}

TEST_CASE("Refusals: so many that only a hostile client can have them are not all kept") {
  Refusals refusals;
  for (int32_t p = 0; p < 30'000; p++) {
    Refusals::Sender sender{
        transport::ConnectionId(static_cast<uint64_t>(1 + p / 1000)), "t", {}, p, ProducerId(1), ProducerEpoch(0)};
    refusals.note(sender, Sequence(5), error(Errc::disk_full));
  }
  CHECK(refusals.size() <= 10'000);
  // The newest connection's are those that are known.
  CHECK(
      refusals.is_behind({transport::ConnectionId(30), "t", {}, 29'999, ProducerId(1), ProducerEpoch(0)}, Sequence(6)));
}
