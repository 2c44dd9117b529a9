// What is pure of `consume --exec`: which record has its turn, what is done, how long a pause is, what a command is told.
#include <catch2/catch.hpp>
#include <random>

#include "cmd/exec/backoff.h"
#include "cmd/exec/done.h"
#include "cmd/exec/schedule.h"
#include "cmd/exec/surroundings.h"
#include "record/batch_builder.h"

using namespace bobbin;
using namespace bobbin::cmd;

namespace {

const client::Place orders{"orders", PartitionId(0)};

OwnedRecord order(int64_t offset, std::optional<Bytes> key = {}, std::optional<Bytes> value = "v",
                  int32_t partition = 0) {
  record::Record made;
  made.offset = Offset(offset);
  made.timestamp = Timestamp(1000 + offset);
  made.key = key;
  made.value = value;
  return {"orders", PartitionId(partition), made};
}

std::vector<int64_t> offsets(const std::vector<OwnedRecord>& records) {
  std::vector<int64_t> all;
  for (const OwnedRecord& each : records) all.push_back(each.offset().value);
  return all;
}

// The offsets of a turn, or nothing.
std::vector<int64_t> offsets(const std::optional<Schedule::Turn>& turn) {
  std::vector<int64_t> all;
  if (!turn) return all;
  for (const OwnedRecord* each : turn->records) all.push_back(each->offset().value);
  return all;
}

using Offsets = std::vector<int64_t>;
using Then = Schedule::Failed::Then;

}  // namespace

TEST_CASE("Done: a position goes to the first record that is not done") {
  Done done;
  for (int64_t offset : {3, 4, 7, 9}) done.took(orders, Offset(offset));
  CHECK(done.done(orders, Offset(4)) == std::nullopt);
  CHECK(done.done(orders, Offset(9)) == std::nullopt);
  CHECK(done.done(orders, Offset(3)) == Offset(7));
  CHECK(done.done(orders, Offset(7)) == Offset(10));
  done.took(orders, Offset(12));
  CHECK(done.done(orders, Offset(12)) == Offset(13));
}

TEST_CASE("Done: what was not taken, or is forgotten, moves nothing") {
  Done done;
  done.took(orders, Offset(3));
  CHECK(done.done(orders, Offset(2)) == std::nullopt);
  CHECK(done.done({"orders", PartitionId(1)}, Offset(3)) == std::nullopt);
  done.forget();
  CHECK(done.done(orders, Offset(3)) == std::nullopt);
}

TEST_CASE("Done: a partition that goes back begins anew") {
  Done done;
  for (int64_t offset : {7, 8, 2, 3}) done.took(orders, Offset(offset));
  CHECK(done.done(orders, Offset(8)) == std::nullopt);
  CHECK(done.done(orders, Offset(2)) == Offset(3));
}

TEST_CASE("Backoff: twice as long each time, up to ten seconds") {
  const Backoff usual;
  std::vector<int64_t> all;
  for (int failures : {1, 2, 3, 6, 7, 1'000'000}) all.push_back(usual.after_ms(failures));
  CHECK(all == std::vector<int64_t>{200, 400, 800, 6400, 10'000, 10'000});
  CHECK(Backoff{0}.after_ms(1'000'000) == 0);
  CHECK(Backoff{60'000}.after_ms(5) == 60'000);
}

TEST_CASE("Schedule: records of a key wait for each other, keys do not") {
  Schedule schedule({});
  schedule.add(order(0, "a"));
  schedule.add(order(1, "a"));
  schedule.add(order(2, "b"));
  const auto first = schedule.next(0), second = schedule.next(0);
  CHECK(offsets(first) == Offsets{0});
  CHECK(offsets(second) == Offsets{2});
  CHECK(!schedule.next(0));
  CHECK(offsets(schedule.succeeded(first->lane)) == Offsets{0});
  CHECK(offsets(schedule.next(0)) == Offsets{1});
}

TEST_CASE("Schedule: records without a key wait for those of their partition alone; an empty key is one") {
  Schedule schedule({});
  schedule.add(order(0));
  schedule.add(order(1));
  schedule.add(order(2, ""));
  schedule.add(order(0, {}, "v", 1));
  CHECK(offsets(schedule.next(0)) == Offsets{0});
  CHECK(offsets(schedule.next(0)) == Offsets{2});
  const auto other = schedule.next(0);
  CHECK(other->records[0]->partition() == PartitionId(1));
  CHECK(!schedule.next(0));
}

TEST_CASE("Schedule: a failure is tried again after a pause, while those behind it wait, and then is dead") {
  Schedule schedule({.retries = 2, .backoff = {100}});
  schedule.add(order(0, "a"));
  schedule.add(order(1, "a"));
  const auto first = schedule.next(0);
  auto failed = schedule.failed(first->lane, 1000);
  CHECK((failed.then == Then::again && failed.pause_ms == 100 && failed.attempts == 1));
  CHECK(!schedule.next(1099));
  CHECK(schedule.due_ms() == 1100);
  auto again = schedule.next(1100);
  CHECK((offsets(again) == Offsets{0} && again->attempt == 2));
  CHECK(schedule.failed(again->lane, 2000).pause_ms == 200);
  again = schedule.next(2200);
  failed = schedule.failed(again->lane, 3000);
  CHECK((failed.then == Then::dead && failed.attempts == 3 && failed.record->offset() == Offset(0)));
  CHECK(!schedule.next(1'000'000));
  CHECK(offsets(schedule.buried(again->lane)) == Offsets{0});
  const auto behind = schedule.next(1'000'000);
  CHECK((offsets(behind) == Offsets{1} && behind->attempt == 1));
}

TEST_CASE("Schedule: what was withdrawn counts as not begun") {
  Schedule schedule({.retries = 0});
  schedule.add(order(0));
  const auto first = schedule.next(0);
  schedule.withdrawn(first->lane);
  const auto again = schedule.next(0);
  CHECK((offsets(again) == Offsets{0} && again->attempt == 1));
}

TEST_CASE("Schedule: a batch takes what is there, up to its bounds, and one record whatever its size") {
  Schedule schedule({.batch_records_max = 3, .batch_bytes_max = 2000, .by_key = false});
  for (int64_t offset = 0; offset < 4; offset++) schedule.add(order(offset, offset % 2 ? "a" : "b"));
  const std::string large(3000, 'x');
  schedule.add(order(4, {}, large));
  const auto first = schedule.next(0);
  CHECK(offsets(first) == Offsets{0, 1, 2});
  CHECK(!schedule.next(0));
  schedule.succeeded(first->lane);
  CHECK(offsets(schedule.next(0)) == Offsets{3});
  schedule.succeeded(first->lane);
  CHECK(offsets(schedule.next(0)) == Offsets{4});
}

TEST_CASE("Schedule: a batch that fails for good is divided until one record is dead, and grows again") {
  Schedule schedule({.retries = 0, .batch_records_max = 8, .by_key = false});
  for (int64_t offset = 0; offset < 16; offset++) schedule.add(order(offset));
  std::vector<Offsets> turns;
  Offsets dead;
  while (auto turn = schedule.next(0)) {
    turns.push_back(offsets(turn));
    const bool fails = std::find(turns.back().begin(), turns.back().end(), 5) != turns.back().end();
    if (!fails) {
      schedule.succeeded(turn->lane);
    } else if (schedule.failed(turn->lane, 0).then == Then::dead) {
      dead = offsets(schedule.buried(turn->lane));
    }
  }
  CHECK(dead == Offsets{5});
  CHECK(schedule.is_idle());
  CHECK(turns == std::vector<Offsets>{{0, 1, 2, 3, 4, 5, 6, 7},
                                      {0, 1, 2, 3},
                                      {4, 5, 6, 7, 8, 9, 10, 11},
                                      {4, 5, 6, 7},
                                      {4, 5},
                                      {4},
                                      {5, 6},
                                      {5},
                                      {6, 7},
                                      {8, 9, 10, 11},
                                      {12, 13, 14, 15}});
}

TEST_CASE("Schedule: winding down leaves nothing done behind something that is not") {
  Schedule schedule({});
  for (int64_t offset = 0; offset < 10; offset++)
    schedule.add(order(offset, offset == 3 ? "b" : offset == 7 ? "c" : "a"));
  const auto a = schedule.next(0), b = schedule.next(0), c = schedule.next(0);
  CHECK((offsets(b) == Offsets{3} && offsets(c) == Offsets{7}));
  schedule.succeeded(b->lane);
  schedule.wind_down();
  CHECK(schedule.records() == 7);  // 7 runs, and 0 to 6 without 3 lie before it
  schedule.withdrawn(c->lane);
  CHECK(schedule.records() == 3);  // now 3 is the last that is done
  schedule.succeeded(a->lane);
  CHECK(offsets(schedule.next(0)) == Offsets{1});
  schedule.succeeded(a->lane);
  CHECK(offsets(schedule.next(0)) == Offsets{2});
  schedule.succeeded(a->lane);
  CHECK(schedule.is_idle());
}

TEST_CASE("Schedule: what failed and has nothing done behind it is dropped when it winds down") {
  Schedule schedule({});
  schedule.add(order(0));
  schedule.add(order(1));
  const auto first = schedule.next(0);
  schedule.failed(first->lane, 0);
  schedule.wind_down();
  CHECK(schedule.is_idle());
  CHECK(schedule.due_ms() == INT64_MAX);
  CHECK(schedule.succeeded(first->lane).empty());
}

TEST_CASE("Schedule: it is full by records and by bytes") {
  Schedule few({.records_max = 2});
  few.add(order(0));
  CHECK(!few.is_full());
  few.add(order(1));
  CHECK(few.is_full());
  few.drop_waiting();
  CHECK((!few.is_full() && few.is_idle()));
  Schedule small({.bytes_max = 1000});
  const std::string large(2000, 'x');
  small.add(order(0, {}, large));
  CHECK(small.is_full());
  small.succeeded(small.next(0)->lane);
  CHECK(!small.is_full());
}

TEST_CASE("Schedule: whatever happens, keys keep their order and the done are a prefix in the end") {
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  auto below = [&](uint32_t bound) { return static_cast<int>(random() % bound); };
  for (int round = 0; round < 200; round++) {
    const bool by_key = below(3) > 0;
    Schedule schedule(
        {.retries = below(3), .backoff = {below(2) * 10}, .batch_records_max = by_key ? 1u : 4u, .by_key = by_key});
    std::map<std::string, int64_t> last;
    std::vector<LaneId> running, dead;
    std::vector<bool> is_done(60, false);
    int64_t next = 0, now = 0;
    auto note = [&](const std::vector<OwnedRecord>& records) {
      for (const OwnedRecord& each : records) {
        const std::string lane = by_key ? *each.key() : "";
        REQUIRE((!last.contains(lane) || last[lane] < each.offset().value));
        last[lane] = each.offset().value;
        is_done[static_cast<size_t>(each.offset().value)] = true;
      }
    };
    auto move = [&] {
      now += below(8);
      if (!dead.empty() && below(2)) {
        note(schedule.buried(dead.back()));
        dead.pop_back();
      } else if (running.size() < 4 && below(2)) {
        if (auto turn = schedule.next(now)) running.push_back(turn->lane);
      } else if (!running.empty()) {
        const auto one = running.begin() + below(static_cast<uint32_t>(running.size()));
        if (below(3)) note(schedule.succeeded(*one));
        else if (schedule.failed(*one, now).then == Then::dead) dead.push_back(*one);
        running.erase(one);
      }
    };
    for (int steps = below(300); steps > 0; steps--) {
      if (next < 60 && below(2)) {
        schedule.add(order(next, std::string(1, static_cast<char>('a' + below(4)))));
        next++;
      }
      move();
    }
    schedule.wind_down();
    for (int steps = 0; !schedule.is_idle(); steps++) {
      REQUIRE(steps < 100'000);
      move();
    }
    const auto first_open = std::find(is_done.begin(), is_done.end(), false);
    CHECK(std::find(first_open, is_done.end(), true) == is_done.end());
  }
}

TEST_CASE("Surroundings: a command is told of its record") {
  record::BatchBuilder builder;
  const record::Header headers[] = {{"trace", "4711"}, {"bin", Bytes("\xff\0", 2)}, {"none", std::nullopt}};
  builder.add(Timestamp(5), "k=1", std::nullopt, headers);
  const auto sealed = builder.seal({}).value();
  record::RecordReader reader;
  REQUIRE(reader.open(record::BatchView(sealed), 1000));
  record::Record read;
  REQUIRE(reader.next(read).value());
  const auto told = surroundings_of(OwnedRecord("orders", PartitionId(3), read), "g", 2);
  CHECK(told.variables ==
        std::vector<std::string>{
            "BOBBIN_TOPIC=orders", "BOBBIN_PARTITION=3", "BOBBIN_OFFSET=0", "BOBBIN_TIMESTAMP=5", "BOBBIN_GROUP=g",
            "BOBBIN_ATTEMPT=2", "BOBBIN_KEY=k=1",
            "BOBBIN_HEADERS=[{\"key\":\"trace\",\"value\":\"4711\"},{\"key\":\"bin\",\"value_b64\":\"/wA=\"},"
            "{\"key\":\"none\",\"value\":null}]",
            "BOBBIN_TOMBSTONE=1"});
  CHECK(told.files.empty());
}

TEST_CASE("Surroundings: a key that no variable holds is a file, a null one is nothing") {
  const std::string largest(variable_bytes_max, 'x'), larger(variable_bytes_max + 1, 'x');
  auto of_key = [](std::optional<Bytes> key) {
    auto told = surroundings_of(order(0, key), "g", 1);
    std::erase_if(told.variables, [](const std::string& each) { return !each.starts_with("BOBBIN_KEY"); });
    return std::pair(told.variables, told.files);
  };
  using Words = std::vector<std::string>;
  CHECK(of_key(std::nullopt) == std::pair(Words{}, Words{}));
  CHECK(of_key("") == std::pair(Words{"BOBBIN_KEY="}, Words{}));
  CHECK(of_key(largest) == std::pair(Words{"BOBBIN_KEY=" + largest}, Words{}));
  CHECK(of_key(larger) == std::pair(Words{"BOBBIN_KEY_FILE=/dev/fd/3"}, Words{larger}));
  CHECK(of_key(Bytes("a\0b", 3)) == std::pair(Words{"BOBBIN_KEY_FILE=/dev/fd/3"}, Words{std::string("a\0b", 3)}));
}

TEST_CASE("Surroundings: of a batch it is told where it begins and ends") {
  const OwnedRecord first = order(4), last = order(9);
  const auto told = surroundings_of({&first, &last}, "g", 1);
  CHECK(told.variables == std::vector<std::string>{"BOBBIN_TOPIC=orders", "BOBBIN_PARTITION=0", "BOBBIN_OFFSET=4",
                                                   "BOBBIN_TIMESTAMP=1004", "BOBBIN_GROUP=g", "BOBBIN_ATTEMPT=1",
                                                   "BOBBIN_LAST_OFFSET=9", "BOBBIN_COUNT=2"});
}

TEST_CASE("Surroundings: what another worker was told is not passed on") {
  CHECK(inherited_variables({"PATH=/bin", "BOBBIN_DIR=/x", "BOBBIN_KEY=k", "BOBBIN_KEY_FILE=/dev/fd/3",
                             "BOBBIN_TOMBSTONE=1", "BOBBIN_KEYS=mine", "KEY=k"}) ==
        std::vector<std::string>{"PATH=/bin", "BOBBIN_DIR=/x", "BOBBIN_KEYS=mine", "KEY=k"});
}
