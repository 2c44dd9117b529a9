// Shard: groups of one journal. What a journal says of them is in shard_journal_test.cpp.
#include "group/some_shard.h"

namespace bobbin::group {
namespace {

using test::check_replay;
using test::last_of;
using test::some_join;
using test::SomeShard;
using test::Told;

const TopicAndPartition orders0{"orders", 0}, orders1{"orders", 1}, bills0{"bills", 0};
const Caller nobody{.member_id = ""};

// --- positions

TEST_CASE("Shard: a position is told when the journal has promised it") {
  SomeShard s;
  s.journal.holds = true;
  auto told = s.commit("g", orders0, 5);
  CHECK(told.waits());
  CHECK(s.offset_of("g", orders0) == -1);
  check_replay(s);
  s.journal.promise();
  CHECK(told.answer() == Errc::none);
  CHECK(s.offset_of("g", orders0) == 5);
  CHECK(s.offset_of("g", orders1) == -1);
  CHECK(s.shard.offsets_of("other") == nullptr);
  CHECK(s.shard.find("g")->standing().is<Empty>());
  check_replay(s);
}

TEST_CASE("Shard: a commit goes into the journal whole, as Kafka's records") {
  SomeShard s;
  StoredOffset stored;
  stored.offset = Offset(5);
  stored.metadata = "note";
  Told<Errc> told;
  s.shard.commit("g", nobody, {{orders0, stored}, {bills0, stored}}, told.callback());
  CHECK(told.answer() == Errc::none);
  CHECK(s.journal.writes == 1);
  CHECK(s.journal.log == std::vector<JournalRecord>{{offset_key("g", "orders", 0), offset_value(stored)},
                                                    {offset_key("g", "bills", 0), offset_value(stored)}});
  Told<Errc> nothing;
  s.shard.commit("g", nobody, {}, nothing.callback());
  CHECK(nothing.answer() == Errc::none);
  CHECK(s.journal.writes == 1);
}

TEST_CASE("Shard: who may commit") {
  SomeShard s;
  CHECK(s.commit("g", orders0, 5, {.member_id = "x", .generation = 1}).answer() == Errc::group_id_not_found);
  CHECK(s.ids().empty());
  CHECK(s.commit("g", orders0, 5, {.member_id = "x"}).answer() == Errc::none);
  const Caller member = s.begin_stable("g");
  CHECK(s.commit("g", orders0, 6).answer() == Errc::unknown_member_id);
  CHECK(s.commit("g", orders0, 7, member).answer() == Errc::none);
  CHECK(s.offset_of("g", orders0) == 7);
  CHECK(s.commit("g", orders0, 8, {.member_id = member.member_id, .generation = 9}).answer() ==
        Errc::illegal_generation);
  CHECK(s.offset_of("g", orders0) == 7);
}

TEST_CASE("Shard: what the journal refuses or loses is as if it had not been, and its group too") {
  SomeShard s;
  s.journal.refuses = Errc::not_enough_replicas;
  CHECK(s.commit("g", orders0, 5).answer() == Errc::coordinator_not_available);
  CHECK(s.ids().empty());
  s.journal.refuses.reset();

  s.journal.holds = true;
  auto first = s.commit("g", orders0, 5);
  auto second = s.commit("g", orders0, 6);
  CHECK(s.ids().size() == 1);
  s.journal.lose_all();
  CHECK(first.answer() == Errc::not_coordinator);
  CHECK(second.answer() == Errc::not_coordinator);
  CHECK(s.ids().empty());
  check_replay(s);

  s.journal.holds = false;
  CHECK(s.commit("g", orders0, 5).answer() == Errc::none);
  s.journal.refuses = Errc::kafka_storage_error;
  CHECK(s.commit("g", orders0, 6).answer() == Errc::not_coordinator);
  CHECK(s.offset_of("g", orders0) == 5);
  check_replay(s);
}

TEST_CASE("Shard: several commits under way are promised in their order") {
  SomeShard s;
  s.journal.holds = true;
  auto first = s.commit("g", orders0, 5);
  auto second = s.commit("g", orders0, 6);
  auto third = s.commit("g", orders1, 1);
  check_replay(s);
  s.journal.promise();
  CHECK(first.answer() == Errc::none);
  CHECK(second.waits());
  CHECK(s.offset_of("g", orders0) == 5);
  check_replay(s);
  s.journal.lose_all();
  CHECK(second.answer() == Errc::not_coordinator);
  CHECK(third.answer() == Errc::not_coordinator);
  CHECK(s.offset_of("g", orders0) == 5);
  CHECK(s.offset_of("g", orders1) == -1);
  check_replay(s);
}

// --- groups that come and go

TEST_CASE("Shard: a group begins when somebody joins, and is nothing if nothing comes of it") {
  SomeShard s;
  CHECK(s.join("g", some_join("x")).answer().error == Errc::unknown_member_id);
  CHECK(s.shard.find("g") == nullptr);
  Join wrong = some_join();
  wrong.protocols.clear();
  CHECK(s.join("g", wrong).answer().error == Errc::inconsistent_group_protocol);
  CHECK(s.ids().empty());

  Join asked = some_join();
  asked.needs_known_id = true;
  CHECK(s.join("g", asked).answer().error == Errc::member_id_required);
  CHECK(s.ids() == std::vector<std::string>{"g"});
  s.pass(10'000);
  CHECK(s.ids().empty());
  CHECK_FALSE(s.shard.next_deadline_ms());
  CHECK(s.journal.writes == 0);
}

TEST_CASE("Shard: of a group that is not there nobody is a member") {
  SomeShard s;
  Told<Synced> synced;
  s.shard.sync("g", {{.member_id = "x", .generation = 1}, {}, {}, {}}, synced.callback());
  CHECK(synced.answer().error == Errc::unknown_member_id);
  Told<Errc> beat;
  s.shard.heartbeat("g", {.member_id = "x", .generation = 1}, 0, beat.callback());
  CHECK(beat.answer() == Errc::unknown_member_id);
}

TEST_CASE("Shard: a group without members is removed with its positions") {
  SomeShard s;
  CHECK(s.remove("g").answer() == Errc::group_id_not_found);
  const Caller member = s.begin_stable("g");
  CHECK(s.commit("g", orders0, 5, member).answer() == Errc::none);
  CHECK(s.remove("g").answer() == Errc::non_empty_group);
  s.leave("g", member);

  s.journal.refuses = Errc::not_enough_replicas;
  CHECK(s.remove("g").answer() == Errc::coordinator_not_available);
  CHECK(s.offset_of("g", orders0) == 5);
  check_replay(s);
  s.journal.refuses.reset();

  s.journal.holds = true;
  auto told = s.remove("g");
  CHECK(told.waits());
  CHECK(s.offset_of("g", orders0) == 5);
  check_replay(s);
  s.journal.promise();
  CHECK(told.answer() == Errc::none);
  CHECK(s.ids().empty());
  CHECK(last_of(s.journal.log).empty());
  CHECK(s.remove("g").answer() == Errc::group_id_not_found);
}

TEST_CASE("Shard: what is committed while its group is removed begins a new group") {
  SomeShard s;
  const Caller member = s.begin_stable("g");
  CHECK(s.commit("g", orders0, 5, member).answer() == Errc::none);
  s.leave("g", member);
  s.journal.holds = true;
  auto removed = s.remove("g");
  auto committed = s.commit("g", orders1, 6);
  check_replay(s);
  s.journal.promise();
  check_replay(s);
  s.journal.promise();
  CHECK(removed.answer() == Errc::none);
  CHECK(committed.answer() == Errc::none);
  CHECK(s.offset_of("g", orders0) == -1);
  CHECK(s.offset_of("g", orders1) == 6);
  CHECK(s.shard.find("g")->standing().generation == 0);
  CHECK(s.shard.find("g")->standing().protocol_type.empty());
  check_replay(s);
}

TEST_CASE("Shard: who joins while the group is removed is in it") {
  SomeShard s;
  const Caller member = s.begin_stable("g");
  CHECK(s.commit("g", orders0, 5, member).answer() == Errc::none);
  s.leave("g", member);
  s.journal.holds = true;
  auto removed = s.remove("g");
  auto joined = s.join("g", some_join());
  CHECK(joined.answer().error == Errc::none);
  s.journal.promise_all();
  CHECK(removed.answer() == Errc::none);
  CHECK(s.shard.find("g")->standing().members.size() == 1);
  CHECK(s.offset_of("g", orders0) == -1);
  check_replay(s);
}

TEST_CASE("Shard: positions are removed one by one") {
  SomeShard s;
  CHECK(s.remove_offsets("g", {orders0}).answer() == Errc::group_id_not_found);
  CHECK(s.commit("g", orders0, 5).answer() == Errc::none);
  CHECK(s.commit("g", orders1, 6).answer() == Errc::none);
  const int writes = s.journal.writes;
  CHECK(s.remove_offsets("g", {bills0}).answer() == Errc::none);
  CHECK(s.journal.writes == writes);
  CHECK(s.remove_offsets("g", {orders0, bills0}).answer() == Errc::none);
  CHECK(s.journal.log.back() == JournalRecord{offset_key("g", "orders", 0), std::nullopt});
  CHECK(s.offset_of("g", orders0) == -1);
  CHECK(s.offset_of("g", orders1) == 6);
  check_replay(s);
}

// --- time

TEST_CASE("Shard: positions of a group without members ever expire by their commits, and then the group goes") {
  SomeShard s;
  CHECK(s.commit("g", orders0, 5).answer() == Errc::none);
  s.pass(400);
  CHECK(s.commit("g", orders1, 6).answer() == Errc::none);
  s.pass(599);
  s.shard.expire(1000);
  CHECK(s.offset_of("g", orders0) == 5);
  s.pass(1);
  s.shard.expire(1000);
  CHECK(s.offset_of("g", orders0) == -1);
  CHECK(s.offset_of("g", orders1) == 6);
  s.pass(400);
  s.shard.expire(1000);
  s.shard.expire(1000);
  CHECK(s.ids().empty());
  CHECK(last_of(s.journal.log).empty());
}

TEST_CASE("Shard: positions of a group that was left expire so long after that") {
  SomeShard s;
  const Caller member = s.begin_stable("g");
  CHECK(s.commit("g", orders0, 5, member).answer() == Errc::none);
  s.pass(5'000);
  s.leave("g", member);
  s.pass(999);
  s.shard.expire(1000);
  CHECK(s.offset_of("g", orders0) == 5);
  s.pass(1);
  s.shard.expire(1000);
  s.shard.expire(1000);
  CHECK(s.ids().empty());
  CHECK(last_of(s.journal.log).empty());
}

TEST_CASE("Shard: in a stable group positions of topics that nobody reads any more expire") {
  SomeShard s;
  const Caller member = s.begin_stable("g", {"orders"});
  CHECK(s.commit("g", orders0, 5, member).answer() == Errc::none);
  CHECK(s.commit("g", bills0, 6, member).answer() == Errc::none);
  s.pass(5'000);
  s.shard.expire(1000);
  CHECK(s.offset_of("g", orders0) == 5);
  CHECK(s.offset_of("g", bills0) == -1);
  check_replay(s);
}

TEST_CASE("Shard: while a group is not at rest nothing of it expires, nor of members that do not say what they read") {
  SomeShard s;
  const Caller member = s.begin_stable("g", {"bills"});
  CHECK(s.commit("g", orders0, 5, member).answer() == Errc::none);
  Join again = some_join(member.member_id);
  again.needs_known_id = true;
  (void)s.join("g", again);
  CHECK(s.shard.find("g")->standing().is<Completing>());
  s.pass(5'000);
  s.shard.expire(1000);
  CHECK(s.offset_of("g", orders0) == 5);

  // "topics" is no subscription.
  const Joined told = s.join("other", some_join()).answer();
  const Caller caller{.member_id = told.member_id, .generation = 1};
  Told<Synced> synced;
  s.shard.sync("other", {caller, {}, {}, {}}, synced.callback());
  CHECK(s.commit("other", orders0, 7, caller).answer() == Errc::none);
  s.pass(5'000);
  s.shard.expire(1000);
  CHECK(s.offset_of("other", orders0) == 7);
}

TEST_CASE("Shard: what is refused to expire does so the next time") {
  SomeShard s;
  CHECK(s.commit("g", orders0, 5).answer() == Errc::none);
  s.pass(1000);
  s.journal.refuses = Errc::not_enough_replicas;
  s.shard.expire(1000);
  CHECK(s.offset_of("g", orders0) == 5);
  s.journal.refuses.reset();
  s.shard.expire(1000);
  CHECK(s.offset_of("g", orders0) == -1);
}

TEST_CASE("Shard: positions of topics that are deleted go, of members too") {
  SomeShard s;
  const Caller member = s.begin_stable("g", {"orders"});
  CHECK(s.commit("g", orders0, 5, member).answer() == Errc::none);
  CHECK(s.commit("g", bills0, 6, member).answer() == Errc::none);
  CHECK(s.commit("other", orders1, 7).answer() == Errc::none);
  s.shard.forget_topics([](const std::string& name) { return name == "orders"; });
  CHECK(s.offset_of("g", orders0) == -1);
  CHECK(s.offset_of("g", bills0) == 6);
  CHECK(s.offset_of("other", orders1) == -1);
  check_replay(s);
}

TEST_CASE("Shard: each group runs when it is due") {
  SomeShard s;
  s.begin_stable("a");
  s.pass(4'000);
  s.begin_stable("b");
  s.pass(5'999);
  CHECK(s.shard.find("a")->standing().is<Stable>());
  s.pass(1);
  CHECK(s.shard.find("a")->standing().is<Empty>());
  CHECK(s.shard.find("b")->standing().is<Stable>());
  s.pass(4'000);
  CHECK(s.shard.find("b")->standing().is<Empty>());
}

TEST_CASE("Shard: a connection that closes ends its members in every group, and wakes only its own") {
  SomeShard s;
  const auto live_by = [&](const std::string& id, uint64_t lifeline) {
    Caller caller = s.begin_stable(id);
    caller.lifeline = lifeline;
    Told<Errc> told;
    s.shard.heartbeat(id, caller, 5'000, told.callback());
    return told;
  };
  auto a = live_by("a", 7), b = live_by("b", 7), c = live_by("c", 8);
  s.shard.wake(8);
  CHECK(c.answer() == Errc::none);
  CHECK(a.waits());
  s.shard.end_lifeline(7);
  CHECK(a.answer() == Errc::unknown_member_id);
  CHECK(b.answer() == Errc::unknown_member_id);
  CHECK(s.shard.find("a")->standing().is<Empty>());
  CHECK(s.shard.find("b")->standing().is<Empty>());
  CHECK(s.shard.find("c")->standing().is<Stable>());
}

TEST_CASE("Shard: at the end everybody who waits is told") {
  SomeShard s;
  Join far = some_join();
  far.is_near = false;
  auto joining = s.join("a", far);
  s.journal.holds = true;
  auto committing = s.commit("b", orders0, 5);
  s.shard.end(Errc::not_coordinator);
  CHECK(joining.answer().error == Errc::not_coordinator);
  s.journal.lose_all();
  CHECK(committing.answer() == Errc::not_coordinator);
}

}  // namespace
}  // namespace bobbin::group
