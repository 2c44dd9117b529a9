// What groups may hold in memory, and that what they held is given back.
#include "group/room.h"

#include "group/some_shard.h"

using namespace bobbin;
using namespace bobbin::group;
using namespace bobbin::test;

namespace {

Join large_join(size_t bytes) {
  Join asked = some_join();
  asked.protocols = {{"range", std::string(bytes, 'm')}};
  return asked;
}

Told<Errc> commit_noted(SomeShard& s, const std::string& id, int32_t partition, size_t noted) {
  StoredOffset stored;
  stored.metadata = std::string(noted, 'n');
  stored.commit_timestamp = s.world.clock.wall();
  Told<Errc> told;
  s.shard.commit(id, {.member_id = ""}, {{{"t", partition}, stored}}, told.callback());
  return told;
}

}  // namespace

TEST_CASE("Room: nothing more fits into what is full, and nothing always does") {
  Room room{.used = 10, .max = 12};
  CHECK(room.takes(2));
  CHECK_FALSE(room.takes(3));
  CHECK_FALSE(room.takes(SIZE_MAX));
  room.max = 5;
  CHECK(room.takes(0));
  CHECK_FALSE(room.takes(1));
}

TEST_CASE("Room: members take it, and give it back when they leave or are gone") {
  SomeShard s;
  const Joined stays = s.join("g", large_join(10'000)).answer();
  const size_t of_one = s.room.used;
  CHECK(of_one >= 10'000);
  CHECK(of_one < 20'000);
  Told<Joined> goes = s.join("g", large_join(50'000));
  CHECK(s.room.used >= of_one + 50'000);
  s.pass(70'000);  // neither asks again in time
  CHECK(s.room.used < 10'000);

  Told<Errc> removed = s.remove("g");
  CHECK(removed.answer() == Errc::none);
  CHECK(s.room.used == 0);
}

TEST_CASE("Room: who is given out an id takes it until that is too old") {
  SomeShard s;
  Join asked = some_join();
  asked.needs_known_id = true;
  for (int i = 0; i < 100; i++) REQUIRE(s.join("g", asked).answer().error == Errc::member_id_required);
  CHECK(s.room.used > 100 * 36);
  s.pass(10'000);
  CHECK(s.room.used == 0);
}

TEST_CASE("Room: one that is full takes no more members, and lets those go on that are there") {
  SomeShard s;
  const Joined first = s.join("g", large_join(1000)).answer();
  s.room.max = s.room.used + 5000;
  CHECK(s.join("g", large_join(20'000)).answer().error == Errc::group_max_size_reached);
  CHECK(s.join("other", large_join(20'000)).answer().error == Errc::group_max_size_reached);
  CHECK(s.ids() == std::vector<std::string>{"g"});

  const Caller caller{.member_id = first.member_id, .generation = first.generation};
  Told<Synced> synced;
  s.shard.sync("g", {caller, {}, {}, {{first.member_id, "all of it"}}}, synced.callback());
  CHECK(synced.answer().assignment == "all of it");
  Join again = large_join(1000);
  again.caller.member_id = first.member_id;
  CHECK(s.join("g", again).answer().error == Errc::none);
  again.protocols.front().metadata += std::string(20'000, 'm');
  CHECK(s.join("g", again).answer().error == Errc::group_max_size_reached);
}

TEST_CASE("Room: shares that do not fit are not given out") {
  SomeShard s;
  const Joined first = s.join("g", some_join()).answer();
  s.room.max = s.room.used + 1000;
  Told<Synced> synced;
  s.shard.sync("g",
               {{.member_id = first.member_id, .generation = first.generation},
                {},
                {},
                {{first.member_id, std::string(1000, 's')}}},
               synced.callback());
  CHECK(synced.answer().error == Errc::group_max_size_reached);
  CHECK(s.shard.find("g")->standing().is<Empty>());
}

TEST_CASE("Room: one that is full takes no new positions, and goes on with those that are there") {
  SomeShard s;
  REQUIRE(commit_noted(s, "g", 0, 100).answer() == Errc::none);
  const size_t of_one = s.room.used;
  s.room.max = of_one;
  CHECK(commit_noted(s, "g", 1, 100).answer() == Errc::invalid_commit_offset_size);
  CHECK(commit_noted(s, "other", 0, 100).answer() == Errc::invalid_commit_offset_size);
  CHECK(commit_noted(s, "g", 0, 101).answer() == Errc::invalid_commit_offset_size);
  CHECK(commit_noted(s, "g", 0, 100).answer() == Errc::none);
  CHECK(commit_noted(s, "g", 0, 10).answer() == Errc::none);
  CHECK(s.room.used == of_one - 90);
  CHECK(s.ids() == std::vector<std::string>{"g"});
}

TEST_CASE("Room: positions give it back when they are removed, expire, or were lost") {
  SomeShard s;
  for (int32_t p = 0; p < 10; p++) commit_noted(s, "g", p, 100);
  CHECK(s.room.used > 1000);
  REQUIRE(s.remove_offsets("g", {{"t", 0}}).answer() == Errc::none);
  const size_t of_nine = s.room.used;
  s.journal.holds = true;
  Told<Errc> lost = commit_noted(s, "g", 0, 100);
  CHECK(s.room.used > of_nine);
  s.journal.lose_all();
  CHECK(lost.answer() == Errc::not_coordinator);
  CHECK(s.room.used == of_nine);
  s.journal.holds = false;
  s.world.clock.pass(2000);
  s.shard.expire(1000);
  s.shard.expire(1000);
  CHECK(s.room.used == 0);
}

TEST_CASE("Room: several shards share it, and one that ends gives back what it held") {
  SomeShard s;
  commit_noted(s, "g", 0, 100);
  const size_t of_one = s.room.used;
  {
    Shard other(s.world.world, s.journal, s.limits, s.room);
    Told<Joined> told;
    other.join("h", large_join(10'000), told.callback());
    CHECK(s.room.used > of_one + 10'000);
  }
  CHECK(s.room.used == of_one);
}

TEST_CASE("Room: what a log tells is held, and counted") {
  SomeShard s;
  for (int32_t p = 0; p < 10; p++) commit_noted(s, "g", p, 100);
  s.begin_stable("h");
  SomeShard again(s.journal.log);
  CHECK(again.room.used > 1000);
  CHECK(again.room.used <= s.room.used);
}
