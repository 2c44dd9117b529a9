// Throttle: how fast copies are made that are not in sync yet.
#include "broker/replication/throttle.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using broker::is_throttled;
using broker::Throttle;

TEST_CASE("Throttle: without a rate nothing waits") {
  Throttle throttle;
  throttle.took(1 << 30, 1000);
  CHECK(throttle.wait_ms(1000) == 0);
  CHECK(throttle.bytes_at_once(1 << 20) == 1 << 20);
}

TEST_CASE("Throttle: what was taken is paid off at the rate") {
  Throttle throttle;
  throttle.follow(1000);
  CHECK(throttle.wait_ms(5000) == 0);
  throttle.took(500, 5000);
  CHECK(throttle.wait_ms(5000) == 500);
  CHECK(throttle.wait_ms(5400) == 100);
  throttle.took(100, 5400);
  CHECK(throttle.wait_ms(5400) == 200);
  CHECK(throttle.wait_ms(5600) == 0);
  throttle.took(1000, 60'000);  // what was not taken before gives no right to more
  CHECK(throttle.wait_ms(60'000) == 1000);
}

TEST_CASE("Throttle: another rate holds for what is left to pay, and none forgives it") {
  Throttle throttle;
  throttle.follow(1000);
  throttle.took(1000, 0);
  throttle.follow(10'000);
  CHECK(throttle.wait_ms(0) == 100);
  throttle.follow(Throttle::none);
  CHECK(throttle.wait_ms(0) == 0);
}

TEST_CASE("Throttle: a low rate is taken in small pieces") {
  Throttle throttle;
  throttle.follow(200 << 10);
  CHECK(throttle.bytes_at_once(1 << 20) == 200 << 10);
  throttle.follow(1);
  CHECK(throttle.bytes_at_once(1 << 20) == 64 << 10);
  throttle.follow(1 << 30);
  CHECK(throttle.bytes_at_once(1 << 20) == 1 << 20);
}

TEST_CASE("Throttle: copies that a move makes count, and those that are named, until they are in sync") {
  metadata::Partition p;
  p.isr = {BrokerId(1)};
  p.replicas = {BrokerId(1), BrokerId(2), BrokerId(3)};
  p.adding_replicas = {BrokerId(3)};
  const PartitionId zero(0);
  CHECK_FALSE(is_throttled(p, zero, BrokerId(2), BrokerId(2), ""));
  CHECK(is_throttled(p, zero, BrokerId(3), BrokerId(3), ""));
  CHECK(is_throttled(p, zero, BrokerId(3), BrokerId(1), ""));
  CHECK(is_throttled(p, zero, BrokerId(2), BrokerId(2), "1:2,0:2"));
  CHECK_FALSE(is_throttled(p, zero, BrokerId(2), BrokerId(2), "1:2,0:3"));
  CHECK(is_throttled(p, zero, BrokerId(2), BrokerId(1), "0:1"));  // of the leader
  CHECK(is_throttled(p, zero, BrokerId(2), BrokerId(2), "*"));
  p.isr.push_back(BrokerId(3));
  CHECK_FALSE(is_throttled(p, zero, BrokerId(3), BrokerId(3), "*"));
}
