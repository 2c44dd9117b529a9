// Purgatory: requests that wait for partitions to move or for their time to pass.
#include <catch2/catch.hpp>
#include <set>

#include "broker/purgatory.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

cluster::TopicPartition partition(int32_t number) { return {TopicId{}, PartitionId(number)}; }

using Seen = std::vector<std::string>;

// Requests that write down that they were asked, and are completed when they are told to be.
struct Requests {
  Purgatory purgatory;
  Seen seen;
  std::set<std::string> ready;

  void park(const std::string& name, int64_t deadline_ms, std::vector<int32_t> watched) {
    std::vector<cluster::TopicPartition> partitions;
    for (int32_t p : watched) partitions.push_back(partition(p));
    purgatory.park(deadline_ms, partitions, [this, name](const Purgatory::Moved&, bool expired) {
      seen.push_back(name + (expired ? " expired" : ""));
      return expired || ready.contains(name);
    });
  }
  Seen run(int64_t now_ms) {
    seen.clear();
    purgatory.run(now_ms);
    return seen;
  }
};

}  // namespace

TEST_CASE("Purgatory: who asked first is asked first, those that moved and no others, each once") {
  Requests r;
  for (int i = 0; i < 20; i++) r.park(std::to_string(i), 1000, {i % 2, 5});
  CHECK(r.run(0).empty());
  r.purgatory.moved(partition(1));
  r.purgatory.moved(partition(1));
  r.purgatory.moved(partition(7));
  CHECK(r.purgatory.has_moved());
  CHECK(r.run(0) == Seen{"1", "3", "5", "7", "9", "11", "13", "15", "17", "19"});
  CHECK_FALSE(r.purgatory.has_moved());
  CHECK(r.run(0).empty());
  r.ready = {"2", "3"};
  r.purgatory.moved(partition(5));
  CHECK(r.run(0).size() == 20);
  CHECK(r.purgatory.size() == 18);
  r.purgatory.moved_all();
  Seen rest = r.run(0);
  CHECK(rest.size() == 18);
  CHECK(std::find(rest.begin(), rest.end(), "2") == rest.end());
}

TEST_CASE("Purgatory: each has its own time, the earliest is the deadline, and nobody is asked after its end") {
  Requests r;
  CHECK_FALSE(r.purgatory.next_deadline_ms());
  r.park("late", 300, {1});
  r.park("early", 100, {1});
  r.park("also early", 100, {2});
  r.park("done before", 200, {3});
  CHECK(r.purgatory.next_deadline_ms() == 100);
  CHECK(r.run(99).empty());
  CHECK(r.run(100) == Seen{"early expired", "also early expired"});
  CHECK(r.purgatory.next_deadline_ms() == 200);
  r.ready = {"done before"};
  r.purgatory.moved(partition(3));
  CHECK(r.run(150) == Seen{"done before"});
  CHECK(r.purgatory.next_deadline_ms() == 300);
  r.purgatory.moved(partition(1));
  CHECK(r.run(1000) == Seen{"late", "late expired"});
  CHECK(r.purgatory.size() == 0);
  CHECK_FALSE(r.purgatory.next_deadline_ms());
  r.purgatory.moved(partition(1));
  r.purgatory.moved_all();
  CHECK(r.run(2000).empty());
}

TEST_CASE("Purgatory: who waits for what no time counts for stays at its end, and is asked again a moment later") {
  Purgatory purgatory;
  Seen seen;
  bool is_ready = false;
  purgatory.park(100, {partition(1)}, [&](const Purgatory::Moved&, bool expired) {
    seen.emplace_back(expired ? "late" : "moved");
    return is_ready;
  });
  purgatory.run(100);
  CHECK(purgatory.next_deadline_ms() == 100 + Purgatory::late_ms);
  purgatory.moved(partition(1));
  purgatory.run(101);
  CHECK(purgatory.size() == 1);
  is_ready = true;
  purgatory.run(100 + Purgatory::late_ms);
  CHECK(seen == Seen{"late", "moved", "late"});
  CHECK(purgatory.size() == 0);
  CHECK_FALSE(purgatory.next_deadline_ms());
}
