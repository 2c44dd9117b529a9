// Replica: the roles that a broker has in a partition, one after the other.
#include "cluster/replica.h"

#include <catch2/catch.hpp>

#include "log/log_fixture.h"

using namespace bobbin;
using cluster::Replica;

namespace {

struct Place : test::Fixture {
  std::unique_ptr<log::Log> opened() {
    auto done = try_open();
    REQUIRE(done.ok());
    return std::move(*done);
  }
  Replica replica{{test::topic_id, PartitionId(7)}, "orders"};
};

}  // namespace

TEST_CASE("Replica: before its log is opened it has no role, and is known by name") {
  Place p;
  CHECK_FALSE(p.replica.is_open());
  CHECK_FALSE(p.replica.leading());
  CHECK_FALSE(p.replica.offline());
  CHECK_FALSE(p.replica.copy());
  CHECK(p.replica.dir_name() == "orders-7");
}

TEST_CASE("Replica: whose log is opened it leads, in the epoch of the reign that it follows") {
  Place p;
  p.replica.follow(LeaderEpoch(5));
  cluster::Leading& leading = p.replica.lead(p.opened(), {});
  CHECK(p.replica.is_open());
  CHECK(p.replica.leading() == &leading);
  CHECK(p.replica.copy() == &leading.copy());
  CHECK(leading.epoch() == LeaderEpoch(5));
  CHECK(leading.id() == p.replica.id());
  CHECK(leading.topic_name() == "orders");
  // What is appended is of that epoch.
  REQUIRE(leading.append(test::batch(2)).ok());
  CHECK(leading.epoch_at(Offset(1)) == LeaderEpoch(5));
}

TEST_CASE("Replica: whose log cannot be opened is offline until it can") {
  Place p;
  p.replica.go_offline(error(Errc::damaged, "first"));
  p.replica.go_offline(error(Errc::kafka_storage_error, "second"));
  REQUIRE(p.replica.offline());
  CHECK(p.replica.offline()->why.message == "second");
  CHECK_FALSE(p.replica.is_open());
  p.replica.lead(p.opened(), {});
  CHECK(p.replica.is_open());
  CHECK_FALSE(p.replica.offline());
}
