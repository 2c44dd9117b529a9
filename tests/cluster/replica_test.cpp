// Replica: the roles that a broker has in a partition, one after the other.
#include "cluster/replica.h"

#include <catch2/catch.hpp>

#include "log/log_fixture.h"

using namespace bobbin;
using cluster::Replica;

namespace {

const BrokerId self(1), other(2);

cluster::Reign reign_of(BrokerId leader, int32_t epoch) {
  return {leader, LeaderEpoch(epoch), {{self, other}, {leader}, 1}};
}

struct Place : test::Fixture {
  std::unique_ptr<log::Log> opened() {
    auto done = try_open();
    REQUIRE(done.ok());
    return std::move(*done);
  }
  Replica replica{{test::topic_id, PartitionId(7)}, "orders", self};
};

}  // namespace

TEST_CASE("Replica: before its log is opened it has no role, and is known by name") {
  Place p;
  p.replica.follow(reign_of(self, 1), 0);
  CHECK(p.replica.leads());
  CHECK_FALSE(p.replica.is_open());
  CHECK_FALSE(p.replica.leading());
  CHECK_FALSE(p.replica.following());
  CHECK_FALSE(p.replica.offline());
  CHECK_FALSE(p.replica.copy());
  CHECK(p.replica.dir_name() == "orders-7");
}

TEST_CASE("Replica: whose log is opened it leads, in the epoch of the reign that it follows") {
  Place p;
  p.replica.follow(reign_of(self, 5), 0);
  p.replica.take_log(p.opened(), {}, 0);
  p.replica.succeed(0);
  CHECK(p.replica.is_open());
  REQUIRE(p.replica.leading());
  cluster::Leading& leading = *p.replica.leading();
  CHECK(p.replica.copy() == &leading.copy());
  CHECK(leading.epoch() == LeaderEpoch(5));
  CHECK(leading.id() == p.replica.id());
  CHECK(leading.copy().topic_name() == "orders");
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
  p.replica.take_log(p.opened(), {}, 0);
  CHECK_FALSE(p.replica.offline());
  CHECK(p.replica.copy());
}

TEST_CASE("Replica: its role follows the reign, with the same log and what it knows to be committed") {
  Place p;
  p.replica.follow(reign_of(self, 0), 0);
  p.replica.take_log(p.opened(), {}, 0);
  config::TopicSettings os;
  os.flush_policy = config::FlushPolicy::os;
  p.replica.leading()->update(os, p.config);
  REQUIRE(p.replica.leading()->append(test::batch(3)).ok());
  REQUIRE(p.replica.leading()->advance());
  const cluster::Copy* copy = p.replica.copy();

  p.replica.follow(reign_of(other, 2), 0);
  CHECK_FALSE(p.replica.leading());
  REQUIRE(p.replica.following());
  CHECK(p.replica.copy() == copy);
  CHECK(p.replica.following()->committed() == Offset(3));
  CHECK(p.replica.following()->leader() == other);
  CHECK(p.replica.following()->epoch() == LeaderEpoch(2));

  p.replica.follow(reign_of(self, 3), 0);
  CHECK(p.replica.copy() == copy);
  p.replica.succeed(0);
  REQUIRE(p.replica.leading());
  CHECK(p.replica.copy() == copy);
  CHECK(p.replica.leading()->high_watermark() == Offset(3));
  CHECK(p.replica.leading()->epoch() == LeaderEpoch(3));
}

TEST_CASE("Replica: while a job has its log it has no role, and then that of the reign by then") {
  Place p;
  p.replica.follow(reign_of(other, 1), 0);
  p.replica.take_log(p.opened(), {}, 0);
  REQUIRE(p.replica.following());
  auto lent = p.replica.lend(*p.files);
  CHECK(p.replica.is_away());
  CHECK_FALSE(p.replica.is_open());
  CHECK_FALSE(p.replica.copy());
  p.replica.follow(reign_of(self, 2), 0);
  CHECK(p.replica.is_away());
  p.replica.come_back(*lent, 0);
  REQUIRE(p.replica.succeeding());
  CHECK(p.replica.succeeding()->epoch() == LeaderEpoch(2));
}

TEST_CASE("Replica: who is to lead looks at the other copies first, unless nobody can have more") {
  Place p;
  SECTION("another one led before") {
    p.replica.follow(reign_of(self, 1), 0);
    p.replica.take_log(p.opened(), {}, 0);
    REQUIRE(p.replica.succeeding());
    CHECK(p.replica.is_away());
    CHECK_FALSE(p.replica.is_open());
    CHECK_FALSE(p.replica.leading());
    CHECK_FALSE(p.replica.following());
    CHECK(p.replica.copy() == &p.replica.succeeding()->copy());
    SECTION("the next reign is its own, too") {
      p.replica.follow(reign_of(self, 2), 0);
      REQUIRE(p.replica.succeeding());
      CHECK(p.replica.succeeding()->epoch() == LeaderEpoch(2));
    }
    SECTION("the next reign is another one's") {
      p.replica.follow(reign_of(other, 2), 0);
      CHECK_FALSE(p.replica.succeeding());
      CHECK(p.replica.following());
    }
    SECTION("none has more") {
      p.replica.succeed(0);
      CHECK(p.replica.leading());
      CHECK_FALSE(p.replica.is_away());
    }
  }
  SECTION("it is the first reign") {
    p.replica.follow(reign_of(self, 0), 0);
    p.replica.take_log(p.opened(), {}, 0);
    CHECK(p.replica.leading());
  }
  SECTION("there is no other copy") {
    p.replica.follow({self, LeaderEpoch(4), {{self}, {self}, 1}}, 0);
    p.replica.take_log(p.opened(), {}, 0);
    CHECK(p.replica.leading());
  }
}

TEST_CASE("Replica: nobody leads a log of later reigns than its own, not even who has it alone") {
  Place p;
  REQUIRE(p.opened()->append(test::batch(1), LeaderEpoch(4), log::AppendOrigin::client).ok());
  p.replica.follow({self, LeaderEpoch(0), {{self}, {self}, 1}}, 0);
  p.replica.take_log(p.opened(), {}, 0);
  CHECK_FALSE(p.replica.leading());
  CHECK(p.replica.succeeding());
  p.replica.follow({self, LeaderEpoch(5), {{self}, {self}, 1}}, 0);
  CHECK(p.replica.succeeding());
  p.replica.succeed(0);
  REQUIRE(p.replica.leading());
  CHECK(p.replica.leading()->epoch() == LeaderEpoch(5));
}

TEST_CASE("Replica: who leads twice in a row goes on, and looks again when another one led between") {
  Place p;
  p.replica.follow(reign_of(self, 0), 0);
  p.replica.take_log(p.opened(), {}, 0);
  p.replica.follow(reign_of(self, 1), 0);
  REQUIRE(p.replica.leading());
  CHECK(p.replica.leading()->epoch() == LeaderEpoch(1));
  p.replica.follow(reign_of(self, 3), 0);
  CHECK(p.replica.succeeding());
}
