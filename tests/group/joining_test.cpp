// Group: who joins, for the first time or again. Rules of Kafka's GroupCoordinator.
#include "group/some_group.h"

namespace bobbin::group {
namespace {

using test::some_join;
using test::SomeGroup;

TEST_CASE("Joining: a member without an id gets one, and joins again with it") {
  SomeGroup g;
  Join asked = some_join();
  asked.needs_known_id = true;
  const Joined refused = g.join(asked).answer();
  CHECK(refused.error == Errc::member_id_required);
  CHECK(refused.generation == -1);
  REQUIRE(refused.member_id.size() == 4 + 36);
  CHECK(refused.member_id.substr(0, 4) == "app-");
  CHECK(g.state() == "Empty");
  CHECK_FALSE(g.group.is_idle());

  asked.caller.member_id = refused.member_id;
  const Joined told = g.join(asked).answer();
  CHECK(told.error == Errc::none);
  CHECK(told.generation == 1);
  CHECK(told.protocol_type == "consumer");
  CHECK(told.protocol == "range");
  CHECK(told.member_id == refused.member_id);
  CHECK(told.leader == refused.member_id);
  REQUIRE(told.members.size() == 1);
  CHECK(told.members[0].metadata == "topics");
  CHECK(g.state() == "CompletingRebalance");
  CHECK(g.journal.writes == 0);
}

TEST_CASE("Joining: an id that was given out is good for a session") {
  SomeGroup g;
  Join asked = some_join();
  asked.needs_known_id = true;
  asked.caller.member_id = g.join(asked).answer().member_id;
  g.pass(9'999);
  CHECK_FALSE(g.group.is_idle());
  g.pass(1);
  CHECK(g.group.is_idle());
  CHECK(g.join(asked).answer().error == Errc::unknown_member_id);
}

TEST_CASE("Joining: an id that nobody gave out is unknown") {
  SomeGroup g;
  CHECK(g.join(some_join("x")).answer().error == Errc::unknown_member_id);
  g.begin_stable(1);
  const Joined told = g.join(some_join("x")).answer();
  CHECK(told.error == Errc::unknown_member_id);
  CHECK(told.member_id == "x");
}

TEST_CASE("Joining: several wait for each other, and the leader alone is told of all") {
  SomeGroup g;
  Join far = some_join();
  far.is_near = false;
  auto first = g.join(far), second = g.join(far), third = g.join(far);
  CHECK(first.waits());
  CHECK(g.state() == "PreparingRebalance");
  g.pass(3000);
  CHECK(first.answer().members.size() == 3);
  CHECK(first.answer().leader == first.answer().member_id);
  for (const auto& each : {second, third}) {
    CHECK(each.answer().members.empty());
    CHECK(each.answer().leader == first.answer().member_id);
    CHECK(each.answer().generation == 1);
  }
}

TEST_CASE("Joining: a member that is near waits for nobody; one from afar waits for others who may be on the way") {
  SomeGroup near;
  CHECK_FALSE(near.join(some_join()).waits());

  SomeGroup g;
  Join far = some_join();
  far.is_near = false;
  auto told = g.join(far);
  g.pass(2999);
  CHECK(told.waits());
  g.pass(1);
  CHECK(told.answer().generation == 1);

  // Another one comes into a group that is there: nobody waits longer than it takes to join.
  auto second = g.join(far);
  auto again = g.join(some_join(told.answer().member_id));
  CHECK(second.answer().generation == 2);
  CHECK(again.answer().members.size() == 2);
}

TEST_CASE("Joining: who joins meanwhile makes it wait on, but not longer than the rebalance time-out") {
  SomeGroup g;
  Join far = some_join();
  far.is_near = false;
  far.rebalance_timeout_ms = 5000;
  auto first = g.join(far);
  g.pass(2500);
  auto second = g.join(far);
  g.pass(2499);
  CHECK(first.waits());
  CHECK(second.waits());
  g.pass(1);
  CHECK(first.answer().generation == 1);
  CHECK(second.answer().generation == 1);
}

TEST_CASE("Joining: no delay where the configuration says none") {
  SomeGroup g({.initial_rebalance_delay_ms = 0});
  Join far = some_join();
  far.is_near = false;
  CHECK(g.join(far).answer().generation == 1);
}

TEST_CASE("Joining: a delay that somebody has set is for those of this machine, too") {
  SomeGroup g({.initial_rebalance_delay_ms = 100, .delays_near = true});
  auto first = g.join(some_join());
  g.pass(99);
  auto second = g.join(some_join());
  CHECK(first.waits());
  g.pass(100);
  CHECK(first.answer().generation == 1);
  CHECK(second.answer().generation == 1);
}

TEST_CASE("Joining: a first generation does not wait for an id that nobody came back with longer than for others") {
  SomeGroup g;
  Join far = some_join();
  far.is_near = false;
  far.needs_known_id = true;
  (void)g.join(far);
  far.needs_known_id = false;
  auto told = g.join(far);
  g.pass(3000);
  CHECK(told.answer().generation == 1);
}

TEST_CASE("Joining: a rebalance waits for who has been given an id, until it joins or its time is over") {
  SomeGroup g;
  const auto ids = g.begin_stable(1);
  Join asked = some_join();
  asked.needs_known_id = true;
  asked.caller.member_id = g.join(asked).answer().member_id;
  CHECK(g.state() == "Stable");

  auto again = g.join(some_join(ids[0]));
  CHECK(again.waits());
  SECTION("it joins") {
    CHECK(g.join(asked).answer().generation == 2);
    CHECK(again.answer().members.size() == 2);
  }
  SECTION("its time is over") {
    g.pass(9'999);
    CHECK(again.waits());
    g.pass(1);
    CHECK(again.answer().members.size() == 1);
  }
  SECTION("it leaves") {
    CHECK(g.group.leave({.member_id = asked.caller.member_id}) == Errc::none);
    CHECK(again.answer().members.size() == 1);
  }
}

TEST_CASE("Joining: the leader of a stable group that joins wants the work shared anew") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  auto leader = g.join(some_join(ids[0]));
  CHECK(leader.waits());
  CHECK(g.state() == "PreparingRebalance");
  CHECK(g.beat(g.caller(ids[1])) == Errc::rebalance_in_progress);
  CHECK(g.join(some_join(ids[1])).answer().generation == 2);
  CHECK(leader.answer().members.size() == 2);
}

TEST_CASE("Joining: a follower that joins a stable group unchanged is told the generation that there is") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  const Joined told = g.join(some_join(ids[1])).answer();
  CHECK(told.generation == 1);
  CHECK(told.leader == ids[0]);
  CHECK(told.members.empty());
  CHECK_FALSE(told.skip_assignment);
  CHECK(g.state() == "Stable");
  CHECK(g.sync(g.caller(ids[1])).answer().assignment == "share of " + ids[1]);
}

TEST_CASE("Joining: a follower that says something else makes all join again") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  Join asked = some_join(ids[1]);
  asked.protocols = {{"range", "other topics"}};
  auto told = g.join(asked);
  CHECK(g.state() == "PreparingRebalance");
  const Joined leader = g.join(some_join(ids[0])).answer();
  CHECK(told.answer().generation == 2);
  for (const auto& member : leader.members)
    CHECK(member.metadata == (member.member_id == ids[1] ? "other topics" : "topics"));
}

TEST_CASE("Joining: who has not heard of the generation that is being completed is told again, the leader too") {
  SomeGroup g;
  const auto ids = g.begin_completing(2);
  CHECK(g.join(some_join(ids[0])).answer().members.size() == 2);
  CHECK(g.join(some_join(ids[1])).answer().generation == 1);
  CHECK(g.state() == "CompletingRebalance");

  auto waiting = g.sync(g.caller(ids[1]));
  Join asked = some_join(ids[0]);
  asked.protocols = {{"range", "other topics"}};
  (void)g.join(asked);
  CHECK(g.state() == "PreparingRebalance");
  CHECK(waiting.answer().error == Errc::rebalance_in_progress);
}

TEST_CASE("Joining: a request that is sent again takes the place of the one that waits") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  auto first = g.join(some_join(ids[0]));
  auto second = g.join(some_join(ids[0]));
  CHECK(first.answer().error == Errc::rebalance_in_progress);
  CHECK(second.waits());
  (void)g.join(some_join(ids[1]));
  CHECK(second.answer().generation == 2);
}

TEST_CASE("Joining: the protocol type and one protocol must be the others'") {
  SomeGroup g;
  const auto error_of = [&](const std::string& type, std::vector<Protocol> protocols) {
    Join asked = some_join();
    asked.protocol_type = type;
    asked.protocols = std::move(protocols);
    return g.join(asked).answer().error;
  };
  CHECK(error_of("", {{"range", ""}}) == Errc::inconsistent_group_protocol);
  CHECK(error_of("consumer", {}) == Errc::inconsistent_group_protocol);
  CHECK(g.group.is_idle());

  g.begin_stable(1);
  CHECK(error_of("connect", {{"range", ""}}) == Errc::inconsistent_group_protocol);
  CHECK(error_of("consumer", {{"sticky", ""}}) == Errc::inconsistent_group_protocol);
  CHECK(g.state() == "Stable");
}

TEST_CASE("Joining: an empty group takes any protocol type") {
  SomeGroup g;
  const auto ids = g.begin_stable(1);
  CHECK(g.group.leave({.member_id = ids[0]}) == Errc::none);
  CHECK(g.state() == "Empty");
  Join asked = some_join();
  asked.protocol_type = "connect";
  asked.protocols = {{"sessioned", ""}};
  const Joined told = g.join(asked).answer();
  CHECK(told.generation == 3);
  CHECK(told.protocol_type == "connect");
  CHECK(told.protocol == "sessioned");
}

TEST_CASE("Joining: a full group takes its own members and nobody else") {
  SomeGroup g({.size_max = 2});
  const auto ids = g.begin_stable(2);
  const Joined refused = g.join(some_join()).answer();
  CHECK(refused.error == Errc::group_max_size_reached);
  CHECK(refused.member_id.empty());
  CHECK(g.join(some_join(ids[1])).answer().error == Errc::none);
  CHECK(g.state() == "Stable");
}

TEST_CASE("Joining: while all join again, the first so many are taken") {
  SomeGroup g({.size_max = 2});
  const auto ids = g.begin_stable(2);
  auto leader = g.join(some_join(ids[0]));
  auto other = g.join(some_join());
  // One of those that were there has lost its place; the others go on.
  CHECK(leader.waits());
  CHECK(other.waits());
  const Joined late = g.join(some_join(ids[1])).answer();
  CHECK(late.error == Errc::group_max_size_reached);
  CHECK(late.member_id.empty());
  CHECK_FALSE(g.has(ids[1]));
  CHECK(leader.answer().generation == 2);
  CHECK(other.answer().generation == 2);
}

}  // namespace
}  // namespace bobbin::group
