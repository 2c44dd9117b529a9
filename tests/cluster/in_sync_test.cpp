// InSync: what a leader makes of what its followers ask for.
#include "cluster/in_sync.h"

#include <catch2/catch.hpp>
#include <set>

using namespace bobbin;
using cluster::InSync;
using cluster::InSyncSet;

namespace {

std::vector<BrokerId> ids(const std::vector<int32_t>& numbers) { return {numbers.begin(), numbers.end()}; }

InSyncSet set_of(const std::vector<int32_t>& isr, int32_t min_isr = 1,
                 const std::vector<int32_t>& replicas = {1, 2, 3}) {
  return {ids(replicas), ids(isr), min_isr};
}

// Broker 1 leads since mono_ms 1000, with a log that ended at 100 then. Each broker is in the life of its own number.
struct Reign {
  explicit Reign(InSyncSet set, int64_t end = 100) : in_sync(BrokerId(1), std::move(set), Offset(end), 1000) {}

  void fetched(int32_t who, int64_t from, int64_t end = 100, int64_t now = 1000) {
    in_sync.fetched(BrokerId(who), BrokerEpoch(who), Offset(from), Offset(end), now);
  }
  // -1: it does not move.
  int64_t committed(int64_t own = 100) const { return in_sync.committed(Offset(own)).value_or(Offset(-1)).value; }
  std::vector<int32_t> lagging(int64_t now, int64_t lag_ms_max = 500) const {
    std::vector<int32_t> out;
    for (BrokerId id : in_sync.lagging(now, lag_ms_max)) out.push_back(id.value);
    return out;
  }
  // Each with the life in which it would come in.
  using Candidates = std::vector<std::pair<int32_t, int64_t>>;
  Candidates candidates(int64_t high_watermark) {
    Candidates out;
    for (BrokerId id : in_sync.followers())
      if (auto c = in_sync.take_candidate(id, Offset(high_watermark))) out.emplace_back(c->who.value, c->life.value);
    return out;
  }

  InSync in_sync;
};

using Candidates = Reign::Candidates;
using Lagging = std::vector<int32_t>;

}  // namespace

// --- how far records are committed

TEST_CASE("In-sync replicas: a leader alone commits what its own copy counts") {
  Reign r(set_of({1}, 1, {1}));
  CHECK(r.in_sync.is_alone());
  CHECK(r.committed(70) == 70);
}

TEST_CASE("In-sync replicas: R5, the watermark is the least end of all in sync, the leader's own among them") {
  Reign r(set_of({1, 2, 3}));
  r.fetched(2, 90);
  r.fetched(3, 80);
  CHECK(r.committed() == 80);
  CHECK(r.committed(75) == 75);
  r.fetched(3, 95);
  CHECK(r.committed() == 90);
  CHECK_FALSE(r.in_sync.is_alone());
}

TEST_CASE("In-sync replicas: who is not in sync holds nothing up, however far behind it is") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 90);
  CHECK(r.committed() == 90);
  r.fetched(3, 5);
  CHECK(r.committed() == 90);
}

TEST_CASE("In-sync replicas: R2, who was not heard of in this reign holds the watermark") {
  Reign r(set_of({1, 2, 3}));
  CHECK(r.committed() == -1);
  r.fetched(2, 100);
  CHECK(r.committed() == -1);
  r.fetched(3, 100);
  CHECK(r.committed() == 100);
}

TEST_CASE("In-sync replicas: R5, with fewer in sync than min.insync.replicas the watermark does not move") {
  Reign r(set_of({1, 2}, 3));
  r.fetched(2, 100);
  r.fetched(3, 90);
  CHECK_FALSE(r.in_sync.has_enough());
  CHECK(r.committed() == -1);
  r.in_sync.take(set_of({1, 2, 3}, 3), 1000);
  CHECK(r.in_sync.has_enough());
  CHECK(r.committed() == 90);
}

TEST_CASE("In-sync replicas: R5, whoever is being taken in does not make the isr large enough") {
  Reign r(set_of({1, 2}, 3));
  r.fetched(2, 100);
  r.fetched(3, 100);
  REQUIRE(r.candidates(0) == Candidates{{3, 3}});
  CHECK_FALSE(r.in_sync.has_enough());
  CHECK(r.committed() == -1);
}

TEST_CASE("In-sync replicas: the leader of a partition that is in no isr commits nothing of its own accord") {
  Reign r(set_of({}, 1));
  CHECK_FALSE(r.in_sync.has_enough());
  CHECK(r.committed() == -1);
}

TEST_CASE("In-sync replicas: the next life of a process counts by what it fetches, not by what the last one had") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 90);
  CHECK(r.committed() == 90);
  r.in_sync.fetched(BrokerId(2), BrokerEpoch(7), Offset(60), Offset(100), 1000);
  CHECK(r.committed() == 60);
}

// --- R6, R7, R8

TEST_CASE("In-sync replicas: R6, whoever is being taken in holds the watermark before the metadata answers") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 120, 120);
  r.fetched(3, 100, 120);
  CHECK(r.committed(120) == 120);
  REQUIRE(r.candidates(100) == Candidates{{3, 3}});
  CHECK(r.committed(120) == 100);
}

TEST_CASE("In-sync replicas: R6, who leaves the isr holds the watermark until the metadata says that it left") {
  Reign r(set_of({1, 2, 3}));
  r.fetched(2, 100);
  r.fetched(3, 10);
  REQUIRE(r.lagging(9000) == Lagging{3});
  CHECK(r.committed() == 10);
  r.in_sync.take(set_of({1, 2}), 9000);
  CHECK(r.committed() == 100);
}

TEST_CASE("In-sync replicas: R7, another isr of this reign takes nobody back out who is being taken in") {
  Reign r(set_of({1, 2}, 1, {1, 2, 3, 4}));
  r.fetched(2, 120, 120);
  r.fetched(3, 100, 120);
  REQUIRE(r.candidates(100) == Candidates{{3, 3}});
  r.in_sync.take(set_of({1, 2, 4}, 1, {1, 2, 3, 4}), 1000);  // of another question
  r.fetched(4, 110, 120);
  CHECK(r.committed(120) == 100);
}

TEST_CASE("In-sync replicas: R8, after the answer the isr is what the metadata holds, whatever was asked for") {
  const bool was_taken_in = GENERATE(true, false);
  Reign r(set_of({1, 2}));
  r.fetched(2, 120, 120);
  r.fetched(3, 100, 120);
  REQUIRE(r.candidates(100) == Candidates{{3, 3}});
  r.in_sync.take(was_taken_in ? set_of({1, 2, 3}) : set_of({1, 2}), 1000);
  r.in_sync.answered(BrokerId(3));
  CHECK(r.in_sync.is_member(BrokerId(3)) == was_taken_in);
  CHECK(r.committed(120) == (was_taken_in ? 100 : 120));
}

TEST_CASE("In-sync replicas: another isr forgets no follower that is still a replica") {
  Reign r(set_of({1, 2, 3}));
  r.fetched(2, 90);
  r.fetched(3, 80);
  r.in_sync.take(set_of({1, 2}), 1000);
  r.in_sync.take(set_of({1, 2, 3}), 1000);
  CHECK(r.committed() == 80);
}

TEST_CASE("In-sync replicas: who is no replica any more counts for nothing, and is unknown when it becomes one again") {
  Reign r(set_of({1, 2, 3}));
  r.fetched(2, 90);
  r.fetched(3, 80);
  r.in_sync.take(set_of({1, 2}, 1, {1, 2}), 1000);
  CHECK(r.committed() == 90);
  CHECK(r.in_sync.followers() == std::set<BrokerId>{BrokerId(2)});
  r.fetched(3, 99);
  CHECK_FALSE(r.in_sync.follower(BrokerId(3)).end);
  r.in_sync.take(set_of({1, 2, 3}), 1000);
  CHECK(r.committed() == -1);
}

TEST_CASE("In-sync replicas: a broker without a copy that fetches is nobody's follower") {
  Reign r(set_of({1, 2}));
  r.fetched(9, 100);
  r.fetched(1, 100);  // nor is the leader its own
  CHECK(r.in_sync.followers() == std::set<BrokerId>{BrokerId(2), BrokerId(3)});
  CHECK(r.candidates(0).empty());
}

TEST_CASE(
    "In-sync replicas: R6, whoever is being taken in holds the watermark until the answer, however far others are") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 120, 120);
  r.fetched(3, 100, 120);
  REQUIRE(r.candidates(100) == Candidates{{3, 3}});
  CHECK(r.committed(120) == 100);
  r.in_sync.answered(BrokerId(3));
  CHECK(r.committed(120) == 120);
}

// --- R9, R10

TEST_CASE("In-sync replicas: R9, who comes in has all that is committed, and not a record less") {
  Reign r(set_of({1, 2}));
  r.fetched(3, 149, 200);
  CHECK(r.candidates(150).empty());
  r.fetched(3, 150, 200);
  CHECK(r.candidates(150) == Candidates{{3, 3}});
}

TEST_CASE("In-sync replicas: R9, who comes in has all that was in the log when the reign began") {
  Reign r(set_of({1, 2}));
  r.fetched(3, 99);
  CHECK(r.candidates(50).empty());
  r.fetched(3, 100);
  CHECK(r.candidates(50) == Candidates{{3, 3}});
}

TEST_CASE("In-sync replicas: R9, who was not heard of in this reign does not come in") {
  Reign r(set_of({1}), 0);
  CHECK(r.candidates(0).empty());
}

TEST_CASE("In-sync replicas: who may come in is asked for once until it is answered") {
  Reign r(set_of({1}));
  r.fetched(3, 100);
  REQUIRE(r.candidates(0) == Candidates{{3, 3}});
  CHECK(r.candidates(0).empty());
  r.in_sync.answered(BrokerId(3));
  CHECK(r.candidates(0) == Candidates{{3, 3}});
}

TEST_CASE("In-sync replicas: all that may come in are asked for, and nobody who is in") {
  Reign r(set_of({1, 2}, 1, {1, 2, 3, 4, 5}));
  for (int32_t who : {2, 3, 5}) r.fetched(who, 100);
  CHECK(r.candidates(0) == Candidates{{3, 3}, {5, 5}});
}

TEST_CASE("In-sync replicas: R10, who comes in does so in the life in which it fetched") {
  Reign r(set_of({1}));
  r.fetched(3, 100);
  r.in_sync.fetched(BrokerId(3), BrokerEpoch(44), Offset(40), Offset(100), 1000);
  CHECK(r.candidates(0).empty());  // what it had before it died does not count
  r.in_sync.fetched(BrokerId(3), BrokerEpoch(44), Offset(100), Offset(100), 1000);
  CHECK(r.candidates(0) == Candidates{{3, 44}});
}

TEST_CASE("In-sync replicas: nobody comes in because another one asks") {
  Reign r(set_of({1}, 1, {1, 2, 3}));
  r.fetched(3, 100);
  r.fetched(2, 40);
  CHECK_FALSE(r.in_sync.take_candidate(BrokerId(2), Offset(0)));
  CHECK_FALSE(r.in_sync.take_candidate(BrokerId(9), Offset(0)));  // nobody knows it
  CHECK(r.in_sync.take_candidate(BrokerId(3), Offset(0)));
}

// --- lag, as Kafka counts it (replica.lag.time.max.ms)

TEST_CASE("In-sync replicas: who is not heard of lags from the beginning of the reign on") {
  Reign r(set_of({1, 2}));
  CHECK(r.lagging(1500).empty());
  CHECK(r.lagging(1501) == Lagging{2});
}

TEST_CASE("In-sync replicas: who asks from the end on does not lag, however long nothing comes") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 100, 100, 1200);
  CHECK(r.lagging(1'000'000).empty());
  CHECK_FALSE(r.in_sync.follower(BrokerId(2)).behind_since);
}

TEST_CASE("In-sync replicas: who had everything lags from when more was appended") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 100, 100, 1200);
  r.in_sync.appended(5000);
  r.in_sync.appended(5400);
  CHECK(r.lagging(5500).empty());
  CHECK(r.lagging(5501) == Lagging{2});
}

TEST_CASE("In-sync replicas: who asks and never reaches an end lags since it was there last") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 100, 100, 1100);
  r.in_sync.appended(1200);
  r.fetched(2, 150, 200, 1300);
  r.fetched(2, 180, 260, 1600);
  r.fetched(2, 259, 300, 1900);
  CHECK(r.in_sync.follower(BrokerId(2)).behind_since == 1100);
  CHECK(r.lagging(1600).empty());
  CHECK(r.lagging(1601) == Lagging{2});
}

TEST_CASE("In-sync replicas: who asks from where the end was when it asked before lags since then only") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 40, 100, 1100);
  r.fetched(2, 100, 200, 1400);
  CHECK(r.in_sync.follower(BrokerId(2)).behind_since == 1100);
  r.fetched(2, 200, 300, 1700);
  CHECK(r.in_sync.follower(BrokerId(2)).behind_since == 1400);
  r.fetched(2, 299, 400, 2000);  // one record short
  CHECK(r.in_sync.follower(BrokerId(2)).behind_since == 1400);
}

TEST_CASE("In-sync replicas: a new life lags from its first question on, whatever the one before had reached") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 100, 100, 1100);
  r.in_sync.fetched(BrokerId(2), BrokerEpoch(44), Offset(100), Offset(150), 3000);
  CHECK(r.in_sync.follower(BrokerId(2)).behind_since == 3000);
  CHECK(r.lagging(3501) == Lagging{2});
}

TEST_CASE("In-sync replicas: only members lag") {
  Reign r(set_of({1, 2, 3}, 1, {1, 2, 3, 4}));
  r.fetched(2, 100, 100, 1100);
  r.fetched(3, 100, 100, 1100);
  r.in_sync.appended(2000);
  r.fetched(3, 120, 120, 2100);
  r.in_sync.appended(2200);
  CHECK(r.lagging(2501) == Lagging{2});
  CHECK(r.lagging(9999) == Lagging{2, 3});
}

TEST_CASE("In-sync replicas: who was behind when the reign began lags since then, whenever it asks first") {
  Reign r(set_of({1, 2}));
  r.fetched(2, 40, 100, 1400);
  CHECK(r.in_sync.follower(BrokerId(2)).behind_since == 1000);
  CHECK(r.lagging(1501) == Lagging{2});
}

// --- where logs begin

TEST_CASE("In-sync replicas: what all keep away is the least of the starts of whoever is in sync, or lives") {
  Reign r(set_of({1, 2}));
  std::set<BrokerId> living{BrokerId(2), BrokerId(3)};
  auto least = [&](int64_t own) {
    return r.in_sync.least_start(Offset(own), [&](BrokerId id) { return living.contains(id); }).value;
  };
  auto fetched = [&](int32_t who, int64_t known, int64_t kept, int64_t life = 0) {
    return r.in_sync.fetched(BrokerId(who), BrokerEpoch(life), Offset(90), Offset(100), 1000,
                             {Offset(known), Offset(kept)});
  };
  CHECK(least(50) == -1);  // nobody was heard of in this reign
  CHECK(fetched(2, 50, 40));
  CHECK(least(50) == -1);
  CHECK(fetched(3, 50, 50));
  CHECK(least(50) == 40);
  CHECK(least(30) == 30);
  CHECK(fetched(2, 50, 50));
  CHECK_FALSE(fetched(2, 50, 50));
  CHECK(least(50) == 50);
  // In another life it may have forgotten.
  CHECK(fetched(2, 20, 20, 1));
  CHECK(least(50) == 20);
  // Whoever is in sync may lead, be it that it is dead by now.
  living.clear();
  CHECK(least(50) == 20);
  CHECK(fetched(3, 10, 10, 1));
  CHECK(least(50) == 20);
}

TEST_CASE("In-sync replicas: R21, whoever does not know where the log begins is not taken in") {
  Reign r(set_of({1}));
  auto candidate = [&](int64_t known) {
    r.in_sync.fetched(BrokerId(2), BrokerEpoch(2), Offset(100), Offset(100), 1000, {Offset(known), Offset(0)});
    return r.in_sync.take_candidate(BrokerId(2), Offset(100), Offset(50)).has_value();
  };
  CHECK_FALSE(candidate(0));
  CHECK_FALSE(candidate(49));
  CHECK(candidate(50));
}
