// Shard: what a journal says of groups, and what is written of it again.
#include "group/some_shard.h"

namespace bobbin::group {
namespace {

using test::check_replay;
using test::last_of;
using test::some_join;
using test::SomeShard;
using test::Told;

const TopicAndPartition orders0{"orders", 0}, orders1{"orders", 1}, bills0{"bills", 0};

TEST_CASE("Shard: the next coordinator knows what this one promised") {
  SomeShard s;
  const Caller stable = s.begin_stable("stable");
  CHECK(s.commit("stable", orders0, 5, stable).answer() == Errc::none);
  const Caller left = s.begin_stable("left");
  CHECK(s.commit("left", orders0, 6, left).answer() == Errc::none);
  s.leave("left", left);
  CHECK(s.commit("alone", orders0, 7).answer() == Errc::none);
  const Caller gone = s.begin_stable("gone");
  s.leave("gone", gone);
  CHECK(s.remove("gone").answer() == Errc::none);
  check_replay(s);

  for (const auto& log : {s.journal.log, s.live()}) {
    SomeShard next(log);
    CHECK(next.ids() == std::vector<std::string>{"alone", "left", "stable"});
    CHECK(next.offset_of("stable", orders0) == 5);
    CHECK(next.offset_of("left", orders0) == 6);
    CHECK(next.offset_of("alone", orders0) == 7);
    CHECK(next.shard.find("left")->standing().generation == 2);
    CHECK(next.shard.find("left")->standing().is<Empty>());
    Told<Synced> synced;
    next.shard.sync("stable", {stable, {}, {}, {}}, synced.callback());
    CHECK(synced.answer().assignment == "share");
    CHECK(next.journal.writes == 0);
    next.pass(10'000);
    CHECK(next.shard.find("stable")->standing().is<Empty>());
  }
}

TEST_CASE("Shard: a generation that is not stable yet is not in the journal, the one before is") {
  SomeShard s;
  const Caller member = s.begin_stable("g");
  (void)s.join("g", some_join(member.member_id));
  CHECK(s.shard.find("g")->standing().generation == 2);
  check_replay(s);
  SomeShard next(s.journal.log);
  CHECK(next.shard.find("g")->standing().generation == 1);
}

TEST_CASE("Shard: records of other kinds are passed over, and what cannot be read is told") {
  SomeShard s;
  std::string other;
  append_be(other, int16_t{3});
  CHECK(s.shard.replay(other + "a consumer group's", Bytes("anything")).ok());
  s.shard.begin();
  CHECK(s.ids().empty());
  CHECK_FALSE(s.shard.replay(Bytes("x"), std::nullopt).ok());
  CHECK_FALSE(s.shard.replay(group_key("g"), Bytes("x")).ok());
  CHECK_FALSE(s.shard.replay(offset_key("g", "orders", 0), Bytes("x")).ok());
}

TEST_CASE("Shard: live records come in pieces, a group at a time, and what begins behind them is not lost") {
  SomeShard s;
  for (const std::string id : {"a", "b", "d"})
    for (const auto& at : {orders0, orders1, bills0}) CHECK(s.commit(id, at, 5).answer() == Errc::none);
  std::string after;
  CHECK(s.shard.live_records(after, 1).size() == 3);
  CHECK(after == "a");
  CHECK(s.commit("c", orders0, 6).answer() == Errc::none);
  CHECK(s.shard.live_records(after, 4).size() == 4);
  CHECK(after == "c");
  CHECK(s.shard.live_records(after, 100).size() == 3);
  CHECK(s.shard.live_records(after, 100).empty());
}

TEST_CASE("Shard: whatever is written, promised and lost, the journal and a rewrite of it say the same") {
  for (uint64_t seed = 1; seed <= 40; seed++) {
    CAPTURE(seed);
    test::SeededRandom random(seed);
    SomeShard s;
    std::vector<Told<Errc>> told;
    std::map<std::string, Caller> callers;
    for (int step = 0; step < 150; step++) {
      const std::string id = std::string("g") + static_cast<char>('0' + random.below(3));
      const TopicAndPartition at = {"orders", static_cast<int32_t>(random.below(2))};
      switch (random.below(9)) {
        case 0:
        case 1:
        case 2:
          told.push_back(s.commit(id, at, step, callers.contains(id) ? callers[id] : Caller{.member_id = ""}));
          break;
        case 3:
          told.push_back(s.remove(id));
          break;
        case 4:
          told.push_back(s.remove_offsets(id, {at}));
          break;
        case 5:
          s.journal.holds = true;
          break;
        case 6:
          if (random.below(4) == 0) s.journal.lose_all();
          else if (s.journal.held() > 0) s.journal.promise();
          break;
        case 7:
          s.journal.promise_all();
          s.journal.holds = false;
          if (!callers.contains(id)) callers[id] = s.begin_stable(id);
          break;
        default:
          if (callers.contains(id)) s.leave(id, callers[id]);
          callers.erase(id);
      }
      const auto truth = last_of(s.journal.log);
      REQUIRE(last_of(s.live()) == truth);
      REQUIRE(last_of(SomeShard(s.journal.log).live()) == truth);
    }
    s.journal.promise_all();
    for (const auto& each : told) REQUIRE(each.times() == 1);
  }
}

}  // namespace
}  // namespace bobbin::group
