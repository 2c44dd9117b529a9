// Group: static members (KIP-345), which begin anew and keep their place. Rules of Kafka's GroupCoordinator.
#include "group/some_group.h"

namespace bobbin::group {
namespace {

using test::some_join;
using test::SomeGroup;
using test::static_join;

TEST_CASE("Static members: a static member has its id at once, which begins with its instance") {
  SomeGroup g;
  Join asked = static_join("i-1");
  asked.needs_known_id = true;
  const Joined told = g.join(asked).answer();
  CHECK(told.error == Errc::none);
  CHECK(told.member_id.substr(0, 4) == "i-1-");
  CHECK(told.members.at(0).instance_id == "i-1");
}

TEST_CASE("Static members: a static member that begins anew takes its share over, and its old id is fenced") {
  SomeGroup g;
  auto first = g.join(static_join("i-1"));
  const std::string old_id = first.answer().member_id;
  g.sync_all({old_id});
  const int written = g.journal.writes;

  g.journal.holds = true;
  auto told = g.join(static_join("i-1"));
  CHECK(told.waits());
  g.journal.promise();
  CHECK(told.answer().error == Errc::none);
  CHECK(told.answer().member_id != old_id);
  CHECK(told.answer().generation == 1);
  CHECK(told.answer().leader == told.answer().member_id);
  CHECK(told.answer().skip_assignment);
  CHECK(told.answer().members.size() == 1);
  CHECK(g.state() == "Stable");
  CHECK(g.journal.writes == written + 1);
  CHECK(read_group(*g.journal.log.back().value)->members.at(0).member_id == told.answer().member_id);

  Caller now = g.caller(told.answer().member_id);
  now.instance_id = "i-1";
  CHECK(g.sync(now).answer().assignment == "share of " + old_id);
  Caller old = g.caller(old_id);
  old.instance_id = "i-1";
  CHECK(g.beat(old) == Errc::fenced_instance_id);
  CHECK(g.sync(old).answer().error == Errc::fenced_instance_id);
  CHECK(g.group.check_commit(old) == Errc::fenced_instance_id);
  CHECK(g.group.leave(old) == Errc::fenced_instance_id);
  Join again = static_join("i-1");
  again.caller.member_id = old_id;
  CHECK(g.join(again).answer().error == Errc::fenced_instance_id);
}

TEST_CASE("Static members: a leader that begins anew and cannot skip the assignment is told that another one leads") {
  SomeGroup g;
  const std::string old_id = g.join(static_join("i-1")).answer().member_id;
  g.sync_all({old_id});
  Join asked = static_join("i-1");
  asked.can_skip_assignment = false;
  const Joined told = g.join(asked).answer();
  CHECK(told.leader == old_id);
  CHECK(told.members.empty());
  CHECK_FALSE(told.skip_assignment);
}

TEST_CASE("Static members: a follower that begins anew has no assignment to skip") {
  SomeGroup g;
  Join far = static_join("i-1");
  far.is_near = false;
  auto leader = g.join(far);
  far.caller.instance_id = "i-2";
  auto follower = g.join(far);
  g.pass(3000);
  g.sync_all({leader.answer().member_id, follower.answer().member_id});
  const Joined told = g.join(static_join("i-2")).answer();
  CHECK_FALSE(told.skip_assignment);
  CHECK(told.leader == leader.answer().member_id);
  CHECK(told.members.empty());
  CHECK(g.state() == "Stable");
}

TEST_CASE(
    "Joining: a static member that begins anew with other topics disturbs nobody; with another protocol it does") {
  SomeGroup g;
  const std::string old_id = g.join(static_join("i-1")).answer().member_id;
  g.sync_all({old_id});
  Join asked = static_join("i-1");
  asked.protocols = {{"range", "other topics"}};
  const Joined same = g.join(asked).answer();
  CHECK(same.generation == 1);
  CHECK(read_group(*g.journal.log.back().value)->members.at(0).subscription == "other topics");

  asked.protocols = {{"sticky", ""}, {"range", ""}};
  const Joined other = g.join(asked).answer();
  CHECK(other.generation == 2);
  CHECK(other.protocol == "sticky");
  CHECK(g.state() == "CompletingRebalance");
}

TEST_CASE("Static members: a static member that begins anew fences who still waits under its instance") {
  SomeGroup g;
  Join far = static_join("i-1");
  far.is_near = false;
  auto first = g.join(far);
  auto second = g.join(far);
  CHECK(first.answer().error == Errc::fenced_instance_id);
  g.pass(3000);
  CHECK(second.answer().members.size() == 1);

  Caller caller = g.caller(second.answer().member_id);
  caller.instance_id = "i-1";
  auto beat = g.heartbeat(caller, 5000);
  CHECK(beat.waits());
  (void)g.join(static_join("i-1"));
  CHECK(beat.answer() == Errc::fenced_instance_id);
}

TEST_CASE("Static members: a static member that begins anew while shares are awaited makes all join again") {
  SomeGroup g;
  Join far = static_join("i-1");
  far.is_near = false;
  auto leader = g.join(far);
  far.caller.instance_id = "i-2";
  auto follower = g.join(far);
  g.pass(3000);
  Caller caller = g.caller(follower.answer().member_id);
  caller.instance_id = "i-2";
  auto waiting = g.sync(caller);
  auto anew = g.join(static_join("i-2"));
  CHECK(waiting.answer().error == Errc::fenced_instance_id);
  CHECK(anew.waits());
  CHECK(g.state() == "PreparingRebalance");
}

TEST_CASE(
    "Static members: what the journal refuses of a static member that begins anew is said, and the group goes on") {
  SomeGroup g;
  const std::string old_id = g.join(static_join("i-1")).answer().member_id;
  g.sync_all({old_id});
  g.journal.refuses = Errc::not_enough_replicas;
  CHECK(g.join(static_join("i-1")).answer().error == Errc::coordinator_not_available);
  CHECK(g.state() == "Stable");
  g.journal.refuses.reset();
  const Joined told = g.join(static_join("i-1")).answer();
  CHECK(told.error == Errc::none);
  CHECK(told.generation == 1);
  Caller now = g.caller(told.member_id);
  now.instance_id = "i-1";
  CHECK(g.beat(now) == Errc::none);
}

TEST_CASE(
    "Static members: a static member that waits for the journal is told of the next generation if that is first") {
  SomeGroup g;
  const std::string old_id = g.join(static_join("i-1")).answer().member_id;
  g.sync_all({old_id});
  g.journal.holds = true;
  auto anew = g.join(static_join("i-1"));
  auto other = g.join(some_join());
  CHECK(anew.answer().generation == 2);
  CHECK(other.answer().generation == 2);
  g.journal.promise_all();
  CHECK(anew.times() == 1);
  CHECK(g.state() == "CompletingRebalance");
}

}  // namespace
}  // namespace bobbin::group
