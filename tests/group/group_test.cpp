// Group: what its members ask once they are in it. Rules of Kafka's GroupCoordinator.
#include "group/some_group.h"

namespace bobbin::group {
namespace {

using test::some_join;
using test::SomeGroup;
using test::static_join;

// --- sync

TEST_CASE("Group: followers wait for the leader's shares, and all for the journal") {
  SomeGroup g;
  const auto ids = g.begin_completing(3);
  g.journal.holds = true;
  auto early = g.sync(g.caller(ids[1]));
  CHECK(early.waits());
  CHECK(g.journal.writes == 0);
  auto leader = g.sync(g.caller(ids[0]), {{ids[0], "a"}, {ids[1], "b"}, {"stranger", "c"}});
  auto late = g.sync(g.caller(ids[2]));
  CHECK(leader.waits());
  CHECK(early.waits());
  CHECK(g.state() == "CompletingRebalance");

  g.journal.promise();
  CHECK(g.state() == "Stable");
  CHECK(leader.answer().assignment == "a");
  CHECK(early.answer().assignment == "b");
  CHECK(early.answer().protocol_type == "consumer");
  CHECK(early.answer().protocol == "range");
  CHECK(late.answer().error == Errc::none);
  CHECK(late.answer().assignment.empty());
  CHECK(g.sync(g.caller(ids[0])).answer().assignment == "a");
  CHECK(g.journal.writes == 1);
}

TEST_CASE("Group: what the journal has is the generation with its shares") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  REQUIRE(g.journal.log.size() == 1);
  CHECK(g.journal.log[0].key == group_key("g"));
  CHECK(g.group.kept().written() == g.journal.log[0].value);
  const auto kept = read_group(*g.journal.log[0].value);
  REQUIRE(kept.ok());
  CHECK(kept->generation == 1);
  CHECK(kept->leader == ids[0]);
  REQUIRE(kept->members.size() == 2);
  for (const StoredMember& member : kept->members) {
    CHECK(member.assignment == "share of " + member.member_id);
    CHECK(member.subscription == "topics");
    CHECK(member.client_id == "app");
    CHECK(member.client_host == "/127.0.0.1");
    CHECK(member.session_timeout == 10'000);
    CHECK(member.rebalance_timeout == 60'000);
  }
}

TEST_CASE("Group: shares that the journal refuses are told as such, and all join again") {
  SomeGroup g;
  const auto ids = g.begin_completing(2);
  auto follower = g.sync(g.caller(ids[1]));
  SECTION("at once") {
    g.journal.refuses = Errc::not_enough_replicas;
    CHECK(g.sync(g.caller(ids[0]), {{ids[0], "a"}}).answer().error == Errc::coordinator_not_available);
    CHECK(follower.answer().error == Errc::coordinator_not_available);
  }
  SECTION("later") {
    g.journal.holds = true;
    auto leader = g.sync(g.caller(ids[0]), {{ids[0], "a"}});
    g.journal.lose_all();
    CHECK(leader.answer().error == Errc::not_coordinator);
    CHECK(follower.answer().error == Errc::not_coordinator);
  }
  CHECK(g.state() == "PreparingRebalance");
  CHECK_FALSE(g.group.kept().written());
  g.journal.refuses.reset();
  g.journal.holds = false;
  auto again = g.join(some_join(ids[0]));
  (void)g.join(some_join(ids[1]));
  CHECK(again.answer().generation == 2);
  g.sync_all(ids);
}

TEST_CASE("Group: shares that were kept when all join again already are nobody's") {
  SomeGroup g;
  const auto ids = g.begin_completing(2);
  g.journal.holds = true;
  auto leader = g.sync(g.caller(ids[0]), {{ids[0], "a"}});
  auto other = g.join(some_join());
  CHECK(leader.answer().error == Errc::rebalance_in_progress);
  g.journal.promise();
  CHECK(g.state() == "PreparingRebalance");
  CHECK(other.waits());
}

TEST_CASE("Group: a sync of the wrong member, generation or protocol is refused") {
  SomeGroup g;
  CHECK(g.sync({.member_id = "x", .generation = 0}).answer().error == Errc::unknown_member_id);
  const auto ids = g.begin_completing(1);
  CHECK(g.sync({.member_id = "x", .generation = 1}).answer().error == Errc::unknown_member_id);
  CHECK(g.sync({.member_id = ids[0], .generation = 2}).answer().error == Errc::illegal_generation);
  const auto error_of = [&](std::optional<std::string> type, std::optional<std::string> protocol) {
    test::Told<Synced> told;
    g.group.sync({g.caller(ids[0]), std::move(type), std::move(protocol), {}}, told.callback());
    return told.answer().error;
  };
  CHECK(error_of("connect", "range") == Errc::inconsistent_group_protocol);
  CHECK(error_of("consumer", "sticky") == Errc::inconsistent_group_protocol);
  CHECK(error_of(std::nullopt, std::nullopt) == Errc::none);  // up to SyncGroup 4
  (void)g.join(some_join());
  CHECK(g.sync(g.caller(ids[0])).answer().error == Errc::rebalance_in_progress);
}

TEST_CASE("Group: a sync that is sent again takes the place of the one that waits") {
  SomeGroup g;
  const auto ids = g.begin_completing(2);
  auto first = g.sync(g.caller(ids[1]));
  auto second = g.sync(g.caller(ids[1]));
  CHECK(first.answer().error == Errc::rebalance_in_progress);
  (void)g.sync(g.caller(ids[0]), {{ids[1], "b"}});
  CHECK(second.answer().assignment == "b");
}

// --- heartbeats

TEST_CASE("Group: heartbeats in every state") {
  SomeGroup g;
  CHECK(g.beat({.member_id = "x", .generation = 0}) == Errc::unknown_member_id);
  const auto ids = g.begin_completing(2);
  CHECK(g.beat(g.caller(ids[1])) == Errc::none);  // CompletingRebalance
  g.sync_all(ids);
  CHECK(g.beat(g.caller(ids[1])) == Errc::none);
  CHECK(g.beat({.member_id = ids[1], .generation = 0}) == Errc::illegal_generation);
  CHECK(g.beat({.member_id = "x", .generation = 1}) == Errc::unknown_member_id);
  (void)g.join(some_join());
  CHECK(g.beat(g.caller(ids[1])) == Errc::rebalance_in_progress);
  g.group.end(Errc::not_coordinator);
  CHECK(g.beat(g.caller(ids[1])) == Errc::coordinator_not_available);
}

TEST_CASE("Group: a heartbeat that waits is answered with the news") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  auto beat = g.heartbeat(g.caller(ids[1]), 5000);
  CHECK(beat.waits());
  (void)g.join(some_join(ids[0]));
  CHECK(beat.answer() == Errc::rebalance_in_progress);
}

TEST_CASE("Group: a heartbeat that waits is answered when its time is over, and no later than its session") {
  SomeGroup g;
  const auto ids = g.begin_stable(1);
  auto beat = g.heartbeat(g.caller(ids[0]), 5000);
  g.pass(4999);
  CHECK(beat.waits());
  g.pass(1);
  CHECK(beat.answer() == Errc::none);
  // Its session begins then.
  g.pass(9999);
  auto longer = g.heartbeat(g.caller(ids[0]), 3'600'000);
  g.pass(10'000);
  CHECK(longer.answer() == Errc::none);
  CHECK(g.has(ids[0]));
}

TEST_CASE("Group: a heartbeat that waits is answered when another one comes, or something else on its connection") {
  SomeGroup g;
  const auto ids = g.begin_stable(1);
  Caller caller = g.caller(ids[0]);
  caller.lifeline = 7;
  auto first = g.heartbeat(caller, 5000);
  auto second = g.heartbeat(caller, 5000);
  CHECK(first.answer() == Errc::none);
  g.group.wake(8);
  CHECK(second.waits());
  g.group.wake(7);
  CHECK(second.answer() == Errc::none);
  g.group.wake(7);
  CHECK(second.times() == 1);
}

// --- leaving

TEST_CASE("Group: who leaves a stable group makes the others join again; the last one leaves an empty group") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  auto beat = g.heartbeat(g.caller(ids[1]), 5000);
  CHECK(g.group.leave({.member_id = ids[0]}) == Errc::none);
  CHECK(beat.answer() == Errc::rebalance_in_progress);
  CHECK(g.group.leave({.member_id = ids[0]}) == Errc::unknown_member_id);
  const Joined told = g.join(some_join(ids[1])).answer();
  CHECK(told.generation == 2);
  CHECK(told.leader == ids[1]);

  CHECK(g.group.leave({.member_id = ids[1]}) == Errc::none);
  CHECK(g.state() == "Empty");
  CHECK(g.generation() == 3);
  CHECK(g.group.is_idle());
  const auto kept = read_group(*g.journal.log.back().value);
  CHECK(kept->members.empty());
  CHECK(kept->generation == 3);
  CHECK_FALSE(kept->protocol);
  CHECK_FALSE(kept->leader);
  CHECK(kept->current_state_timestamp == Timestamp(g.world.clock.wall_ms));
}

TEST_CASE("Group: who leaves while others join is not waited for") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  auto leader = g.join(some_join(ids[0]));
  CHECK(leader.waits());
  CHECK(g.group.leave({.member_id = ids[1]}) == Errc::none);
  CHECK(leader.answer().members.size() == 1);
}

TEST_CASE("Group: who leaves while it waits to join is told so") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  auto leader = g.join(some_join(ids[0]));
  CHECK(g.group.leave({.member_id = ids[0]}) == Errc::none);
  CHECK(leader.answer().error == Errc::unknown_member_id);
}

TEST_CASE("Group: the leader leaves while shares are awaited, and all join again") {
  SomeGroup g;
  const auto ids = g.begin_completing(2);
  auto follower = g.sync(g.caller(ids[1]));
  CHECK(g.group.leave({.member_id = ids[0]}) == Errc::none);
  CHECK(follower.answer().error == Errc::rebalance_in_progress);
  CHECK(g.join(some_join(ids[1])).answer().leader == ids[1]);
}

TEST_CASE("Group: a static member can be made to leave without its member id, or by it") {
  SomeGroup g;
  const std::string id = g.join(static_join("i-1")).answer().member_id;
  g.sync_all({id});
  CHECK(g.group.leave({.member_id = "", .instance_id = "i-2"}) == Errc::unknown_member_id);
  CHECK(g.group.leave({.member_id = "x", .instance_id = "i-1"}) == Errc::fenced_instance_id);
  CHECK(g.group.leave({.member_id = ""}) == Errc::unknown_member_id);
  CHECK(g.state() == "Stable");
  const bool by_id = GENERATE(false, true);
  CHECK(g.group.leave({.member_id = by_id ? id : "", .instance_id = "i-1"}) == Errc::none);
  CHECK(g.state() == "Empty");
}

// --- commits

TEST_CASE("Group: who may commit positions") {
  SomeGroup g;
  const Caller nobody{.member_id = ""};
  CHECK(g.group.check_commit(nobody) == Errc::none);
  // Without a generation anybody may while the group is empty, whatever he calls himself.
  CHECK(g.group.check_commit({.member_id = "x"}) == Errc::none);
  CHECK(g.group.check_commit({.member_id = "", .instance_id = "i-1"}) == Errc::none);
  CHECK(g.group.check_commit({.member_id = "x", .generation = 0}) == Errc::unknown_member_id);
  CHECK(g.group.check_commit({.member_id = "", .generation = 0}) == Errc::unknown_member_id);

  const auto ids = g.begin_completing(2);
  CHECK(g.group.check_commit(nobody) == Errc::unknown_member_id);
  CHECK(g.group.check_commit(g.caller(ids[0])) == Errc::rebalance_in_progress);
  g.sync_all(ids);
  CHECK(g.group.check_commit(nobody) == Errc::unknown_member_id);
  CHECK(g.group.check_commit(g.caller(ids[0])) == Errc::none);
  CHECK(g.group.check_commit({.member_id = ids[0]}) == Errc::illegal_generation);
  CHECK(g.group.check_commit({.member_id = ids[0], .generation = 2}) == Errc::illegal_generation);
  CHECK(g.group.check_commit({.member_id = "x", .generation = 1}) == Errc::unknown_member_id);
  (void)g.join(some_join(ids[0]));
  // What was read before may still be committed.
  CHECK(g.group.check_commit(g.caller(ids[1])) == Errc::none);
  g.group.end(Errc::not_coordinator);
  CHECK(g.group.check_commit(g.caller(ids[1])) == Errc::coordinator_not_available);
}

TEST_CASE("Group: a commit counts as a heartbeat") {
  SomeGroup g;
  const auto ids = g.begin_stable(1);
  g.pass(9'999);
  CHECK(g.group.check_commit(g.caller(ids[0])) == Errc::none);
  g.pass(9'999);
  CHECK(g.has(ids[0]));
  g.pass(1);
  CHECK_FALSE(g.has(ids[0]));
}

// --- connections

TEST_CASE("Group: members are gone with the connection that they live by") {
  SomeGroup g;
  const auto ids = g.begin_stable(3);
  for (size_t i = 0; i < 2; i++) {
    Caller caller = g.caller(ids[i]);
    caller.lifeline = 7;
    CHECK(g.beat(caller) == Errc::none);
  }
  // One of them has come back over another connection.
  Caller moved = g.caller(ids[1]);
  moved.lifeline = 8;
  CHECK(g.beat(moved) == Errc::none);
  g.group.end_lifeline(7);
  CHECK_FALSE(g.has(ids[0]));
  CHECK(g.has(ids[1]));
  CHECK(g.has(ids[2]));
  CHECK(g.state() == "PreparingRebalance");
}

TEST_CASE("Group: a static member may lose its connection") {
  SomeGroup g;
  Join asked = static_join("i-1");
  asked.caller.lifeline = 7;
  const std::string id = g.join(asked).answer().member_id;
  g.group.end_lifeline(7);
  CHECK(g.has(id));
}

TEST_CASE("Group: whose connection closes while it waits is told, and the others go on") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  Join asked = some_join(ids[0]);
  asked.caller.lifeline = 7;
  auto gone = g.join(asked);
  auto other = g.join(some_join());
  CHECK(g.group.leave({.member_id = ids[1]}) == Errc::none);
  CHECK(gone.answer().generation == 2);
  auto waiting = g.sync(g.caller(other.answer().member_id));
  g.group.end_lifeline(7);
  CHECK(waiting.answer().error == Errc::rebalance_in_progress);
  CHECK(g.join(some_join(other.answer().member_id)).answer().generation == 3);
}

// --- the end of a coordinator, and the next one

TEST_CASE("Group: at the end everybody who waits is told, once, and what the journal says later is nobody's") {
  SomeGroup g;
  const auto ids = g.begin_completing(2);
  g.journal.holds = true;
  auto syncing = g.sync(g.caller(ids[0]));
  auto parked = g.heartbeat(g.caller(ids[1]), 5000);
  g.group.end(Errc::not_coordinator);
  CHECK(syncing.answer().error == Errc::not_coordinator);
  CHECK(parked.answer() == Errc::not_coordinator);
  g.journal.promise_all();
  CHECK(syncing.times() == 1);
  CHECK(g.state() == "Dead");
  CHECK(g.join(some_join()).answer().error == Errc::coordinator_not_available);
  CHECK(g.sync(g.caller(ids[0])).answer().error == Errc::coordinator_not_available);
  CHECK(g.group.leave({.member_id = ids[0]}) == Errc::coordinator_not_available);

  SomeGroup joining;
  Join far = some_join();
  far.is_near = false;
  auto waiting = joining.join(far);
  joining.group.end(Errc::not_coordinator);
  CHECK(waiting.answer().error == Errc::not_coordinator);
}

TEST_CASE("Group: the next coordinator has its members, whose sessions begin anew") {
  SomeGroup before;
  const auto ids = before.begin_stable(2);
  SomeGroup g;
  g.pass(100'000);
  const auto kept = read_group(*before.journal.log.back().value);
  REQUIRE(kept.ok());
  g.group.restore(*kept);
  g.group.begin();
  CHECK(g.state() == "Stable");
  CHECK(g.group.kept().written() == before.journal.log.back().value);
  g.pass(9'999);
  CHECK(g.beat(g.caller(ids[0])) == Errc::none);
  CHECK(g.sync(g.caller(ids[0])).answer().assignment == "share of " + ids[0]);
  g.pass(1);
  CHECK_FALSE(g.has(ids[1]));
  CHECK(g.state() == "PreparingRebalance");
}

TEST_CASE("Group: a process of this machine has three seconds to come back to the next coordinator") {
  SomeGroup before;
  Join asked = some_join();
  asked.client_host = "/unix";
  const auto ids = before.begin_stable(2, asked);
  SomeGroup g;
  g.group.restore(*read_group(*before.journal.log.back().value));
  g.group.begin();
  g.pass(2'999);
  CHECK(g.beat(g.caller(ids[0])) == Errc::none);
  g.pass(1);
  CHECK(g.has(ids[0]));
  CHECK_FALSE(g.has(ids[1]));
}

}  // namespace
}  // namespace bobbin::group
