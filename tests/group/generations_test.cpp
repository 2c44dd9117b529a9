// Generations: how time moves a group on. Rules of Kafka's GroupCoordinator.
#include "group/generations.h"
#include "group/some_group.h"

namespace bobbin::group {
namespace {

using test::some_join;
using test::SomeGroup;
using test::static_join;

TEST_CASE("Generations: a member that nobody hears of for its session is gone") {
  SomeGroup g;
  const auto ids = g.begin_stable(2);
  g.pass(9'000);
  CHECK(g.beat(g.caller(ids[1])) == Errc::none);
  g.pass(999);
  CHECK(g.has(ids[0]));
  g.pass(1);
  CHECK_FALSE(g.has(ids[0]));
  CHECK(g.state() == "PreparingRebalance");
  CHECK(g.beat(g.caller(ids[1])) == Errc::rebalance_in_progress);
  CHECK(g.join(some_join(ids[1])).answer().leader == ids[1]);
}

TEST_CASE("Generations: the last member that goes leaves an empty group, which the journal keeps") {
  SomeGroup g;
  g.begin_stable(1);
  g.pass(10'000);
  CHECK(g.state() == "Empty");
  CHECK(g.generation() == 2);
  CHECK(read_group(*g.journal.log.back().value)->members.empty());
  CHECK(g.group.is_idle());
}

TEST_CASE("Generations: that nobody is left is written, and the group is idle when that is promised") {
  SomeGroup g;
  const auto ids = g.begin_stable(1);
  g.journal.holds = true;
  CHECK(g.group.leave({.member_id = ids[0]}) == Errc::none);
  CHECK(g.state() == "Empty");
  CHECK_FALSE(g.group.is_idle());
  g.journal.promise();
  CHECK(g.group.is_idle());
}

TEST_CASE("Generations: who has not joined when the rebalance time-out is over is no member any more") {
  SomeGroup g;
  Join asked = some_join();
  asked.session_timeout_ms = 1'000'000;
  const auto ids = g.begin_stable(3, asked);
  asked.caller.member_id = ids[1];
  asked.protocols = {{"range", "other"}};
  auto told = g.join(asked);
  g.pass(59'999);
  CHECK(told.waits());
  g.pass(1);
  CHECK(told.answer().generation == 2);
  CHECK(told.answer().leader == ids[1]);
  CHECK(told.answer().members.size() == 1);
  CHECK_FALSE(g.has(ids[0]));
  CHECK_FALSE(g.has(ids[2]));
}

TEST_CASE("Generations: a member that waits for the others needs no heartbeat") {
  SomeGroup g;
  Join slow = some_join();
  slow.session_timeout_ms = 30'000;
  const auto ids = g.begin_stable(2, slow);
  auto told = g.join(some_join(ids[0]));
  g.pass(29'999);
  CHECK(told.waits());
  g.pass(1);
  CHECK(told.answer().members.size() == 1);
}

TEST_CASE("Generations: a new member waits for the others for five minutes") {
  SomeGroup g;
  Join slow = some_join();
  slow.session_timeout_ms = slow.rebalance_timeout_ms = 1'000'000;
  g.begin_stable(1, slow);
  auto told = g.join(slow);
  g.pass(299'999);
  CHECK(told.waits());
  g.pass(1);
  CHECK(told.answer().error == Errc::unknown_member_id);
  CHECK(told.answer().member_id.empty());
}

TEST_CASE("Generations: a static member that is away keeps its place until its session is over") {
  SomeGroup g;
  Join asked = static_join("i-1");
  asked.is_near = false;
  asked.session_timeout_ms = 150'000;
  auto first = g.join(asked);
  Join other = some_join();
  other.session_timeout_ms = 150'000;
  auto second = g.join(other);
  g.pass(3000);
  const std::string leader = first.answer().member_id, id = second.answer().member_id;
  g.sync_all({leader, id});
  other.caller.member_id = id;
  other.protocols = {{"range", "other"}};
  auto told = g.join(other);
  g.pass(60'000);
  CHECK(told.answer().generation == 2);
  CHECK(told.answer().leader == id);
  CHECK(told.answer().members.size() == 2);
  CHECK(g.has(leader));
}

TEST_CASE("Generations: static members that are all away are waited for until their sessions are over") {
  SomeGroup g;
  Join asked = static_join("i-1");
  asked.session_timeout_ms = 150'000;
  const std::string id = g.join(asked).answer().member_id;
  g.sync_all({id});
  // Another one comes and goes.
  const std::string other = [&] {
    Join join = some_join();
    join.needs_known_id = true;
    return g.join(join).answer().member_id;
  }();
  auto joining = g.join(some_join(other));
  CHECK(joining.waits());
  CHECK(g.group.leave({.member_id = other}) == Errc::none);
  CHECK(g.state() == "PreparingRebalance");
  g.pass(60'000);
  CHECK(g.state() == "PreparingRebalance");
  CHECK(g.has(id));
  g.pass(90'000);
  CHECK(g.state() == "Empty");
}

TEST_CASE("Generations: a member that does not ask for its share is gone after the rebalance time-out") {
  SomeGroup g;
  Join asked = some_join();
  asked.session_timeout_ms = 1'000'000;
  const auto ids = g.begin_completing(2, asked);
  SECTION("the leader, so that the others wait") {
    auto waiting = g.sync(g.caller(ids[1]));
    g.pass(59'999);
    CHECK(waiting.waits());
    g.pass(1);
    CHECK(waiting.answer().error == Errc::rebalance_in_progress);
    CHECK_FALSE(g.has(ids[0]));
    CHECK(g.has(ids[1]));
  }
  SECTION("a follower, of a group that is stable meanwhile") {
    (void)g.sync(g.caller(ids[0]), {{ids[1], "b"}});
    CHECK(g.state() == "Stable");
    CHECK(g.beat(g.caller(ids[1])) == Errc::none);
    g.pass(59'999);
    CHECK(g.has(ids[1]));
    g.pass(1);
    CHECK_FALSE(g.has(ids[1]));
    CHECK(g.has(ids[0]));
    CHECK(g.state() == "PreparingRebalance");
  }
  SECTION("a follower that has its share late, but in time") {
    (void)g.sync(g.caller(ids[0]), {{ids[1], "b"}});
    g.pass(59'999);
    CHECK(g.sync(g.caller(ids[1])).answer().assignment == "b");
    g.pass(1);
    CHECK(g.has(ids[1]));
    CHECK(g.state() == "Stable");
  }
}

TEST_CASE("Generations: while the journal keeps the shares nobody is taken for gone") {
  SomeGroup g;
  const auto ids = g.begin_completing(1);
  g.journal.holds = true;
  auto leader = g.sync(g.caller(ids[0]), {{ids[0], "a"}});
  g.pass(100'000);
  CHECK(leader.waits());
  CHECK(g.has(ids[0]));
  g.journal.promise();
  CHECK(leader.answer().assignment == "a");
  g.pass(9'999);
  CHECK(g.has(ids[0]));
  g.pass(1);
  CHECK_FALSE(g.has(ids[0]));
}

TEST_CASE("Generations: a group that nobody is in wants to be run no more") {
  SomeGroup g;
  g.begin_stable(2);
  g.pass(400'000);
  CHECK(g.state() == "Empty");
  CHECK(g.wakes.empty());
}

TEST_CASE("Generations: what the journal loses is not what the group keeps, in whatever order that is told") {
  SomeGroup g;
  const std::string id = g.join(static_join("i-1")).answer().member_id;
  g.sync_all({id});
  const auto kept = g.group.kept().written();
  g.journal.holds = true;
  (void)g.join(static_join("i-1"));
  const auto first = g.group.kept().written();
  CHECK(first != kept);
  (void)g.join(static_join("i-1"));
  const auto second = g.group.kept().written();
  CHECK(second != first);
  CHECK(g.group.kept().promised() == kept);
  SECTION("both lost") {
    g.journal.lose_all();
    CHECK(g.group.kept().written() == kept);
  }
  SECTION("the second refused at once, the first promised") {
    g.journal.refuses = Errc::not_enough_replicas;
    (void)g.join(static_join("i-1"));
    CHECK(g.group.kept().written() == second);
    g.journal.promise_all();
    CHECK(g.group.kept().written() == second);
  }
}

}  // namespace
}  // namespace bobbin::group
