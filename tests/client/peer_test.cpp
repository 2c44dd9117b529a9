// Peer: when a broker is connected to, and what becomes of the calls that wait for that.
#include "client/peer.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

namespace {

Call numbered(int16_t number) {
  Call call;
  call.api_key = number;
  return call;
}

std::vector<int16_t> numbers_of(const std::deque<Call>& calls) {
  std::vector<int16_t> numbers;
  for (const Call& call : calls) numbers.push_back(call.api_key);
  return numbers;
}

}  // namespace

TEST_CASE("Peer: who is not wanted is left alone, who is or has calls is due at once") {
  Peer peer(BrokerId(1), {"host", 9092});
  CHECK_FALSE(peer.is_due(0));
  CHECK(peer.due_ms() == INT64_MAX);
  if (GENERATE(false, true)) peer.want();
  else peer.hold(numbered(1));
  CHECK(peer.is_wanted());
  CHECK(peer.is_due(0));
  CHECK(peer.due_ms() == 0);
}

TEST_CASE("Peer: one that was lost is not wanted any more, and its pause doubles up to a second until it answers") {
  Peer peer(BrokerId(1), {});
  auto pause = [&](int64_t now) {
    CHECK(peer.lost(now).empty());
    CHECK_FALSE(peer.is_wanted());
    peer.want();
    CHECK_FALSE(peer.is_due(peer.due_ms() - 1));
    CHECK(peer.is_due(peer.due_ms()));
    return peer.due_ms() - now;
  };
  std::vector<int64_t> pauses;
  for (int64_t now = 0; now < 8; now++) pauses.push_back(pause(now * 5000));
  CHECK(pauses == std::vector<int64_t>{20, 40, 80, 160, 320, 640, 1000, 1000});
  CHECK(peer.answered().empty());
  CHECK(pause(100'000) == 20);
  peer.retry_at_once();
  CHECK(peer.is_due(100'000));
}

TEST_CASE("Peer: calls that wait are given out once, in their order, when it answers or is lost") {
  Peer peer(BrokerId(1), {});
  for (int16_t i = 1; i <= 3; i++) peer.hold(numbered(i));
  CHECK(peer.is_used());
  CHECK(numbers_of(GENERATE(false, true) ? peer.answered() : peer.lost(0)) == std::vector<int16_t>{1, 2, 3});
  CHECK_FALSE(peer.is_used());
  CHECK(peer.answered().empty());
}
