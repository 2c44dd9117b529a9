#include "group/standing.h"

#include <catch2/catch.hpp>

namespace bobbin::group {
namespace {

StoredGroup stored_pair() {
  StoredGroup group;
  group.protocol_type = "consumer";
  group.generation = 7;
  group.protocol = "range";
  group.leader = "b";
  group.current_state_timestamp = Timestamp(1700000000000);
  group.members.push_back({"a", "i-1", "app", "/127.0.0.1", 60'000, 10'000, "topics of a", "share of a"});
  group.members.push_back({"b", std::nullopt, "app", "/127.0.0.2", 30'000, 6'000, "topics of b", "share of b"});
  return group;
}

TEST_CASE("Standing: states have Kafka's names") {
  CHECK(name_of(Empty{}) == "Empty");
  CHECK(name_of(Preparing{}) == "PreparingRebalance");
  CHECK(name_of(Completing{}) == "CompletingRebalance");
  CHECK(name_of(Stable{}) == "Stable");
  CHECK(name_of(Dead{}) == "Dead");
}

TEST_CASE("Standing: a stored group with members is stable again, and stored as it was") {
  const Standing standing = restored(stored_pair());
  CHECK(standing.is<Stable>());
  CHECK(standing.generation == 7);
  CHECK(standing.since == Timestamp(1700000000000));
  CHECK(standing.members.leader() == "b");
  CHECK(standing.members.find("b")->session_timeout_ms == 6'000);
  CHECK(standing.members.find("b")->rebalance_timeout_ms == 30'000);
  CHECK(stored(standing) == stored_pair());
}

TEST_CASE("Standing: a stored group without members is empty, in its generation") {
  StoredGroup empty;
  empty.protocol_type = "consumer";
  empty.generation = 8;
  empty.current_state_timestamp = Timestamp(5);
  const Standing standing = restored(empty);
  CHECK(standing.is<Empty>());
  CHECK(standing.generation == 8);
  CHECK(stored(standing) == empty);
}

TEST_CASE("Standing: a stored group whose leader is missing is led by one that is there") {
  StoredGroup group = stored_pair();
  group.leader = "z";
  CHECK(restored(group).members.leader() == "a");
  group.leader.reset();
  CHECK(restored(group).members.leader() == "a");
}

TEST_CASE("Standing: members that were stored without a rebalance time-out have that of their session") {
  StoredGroup group = stored_pair();
  for (StoredMember& member : group.members) member.rebalance_timeout = -1;
  CHECK(restored(group).members.rebalance_timeout_ms() == 10'000);
}

TEST_CASE("Standing: the leader alone is told of the others") {
  const Standing standing = restored(stored_pair());
  const Joined follower = present_generation(standing, *standing.members.find("a"));
  CHECK(follower.error == Errc::none);
  CHECK(follower.generation == 7);
  CHECK(follower.protocol_type == "consumer");
  CHECK(follower.protocol == "range");
  CHECK(follower.leader == "b");
  CHECK(follower.member_id == "a");
  CHECK(follower.members.empty());

  const Joined leader = present_generation(standing, *standing.members.find("b"));
  REQUIRE(leader.members.size() == 2);
  CHECK(leader.members[0].member_id == "a");
  CHECK(leader.members[0].instance_id == "i-1");
  CHECK(leader.members[0].metadata == "topics of a");
  CHECK(leader.members[1].member_id == "b");
  CHECK_FALSE(leader.members[1].instance_id);
  CHECK(leader.members[1].metadata == "topics of b");
}

TEST_CASE("Standing: who is refused is told of no generation") {
  const Joined told = refused_join(Errc::member_id_required, "a");
  CHECK(told.error == Errc::member_id_required);
  CHECK(told.member_id == "a");
  CHECK(told.generation == -1);
  CHECK(told.leader.empty());
  CHECK_FALSE(told.protocol);
}

}  // namespace
}  // namespace bobbin::group
