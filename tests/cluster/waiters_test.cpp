// Waiters: told when each of what they wait for was told of.
#include "cluster/waiters.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using cluster::TopicPartition;

namespace {
TopicPartition id(int number) { return {TopicId(), PartitionId(number)}; }
}  // namespace

TEST_CASE("Waiters: who waits for nothing is told at once") {
  cluster::Waiters waiters;
  int told = 0;
  waiters.wait({}, [&] { told++; });
  CHECK(told == 1);
}

TEST_CASE("Waiters: who waits for several is told with the last of them, once") {
  cluster::Waiters waiters;
  std::vector<int> told;
  waiters.wait({id(1), id(2)}, [&] { told.push_back(12); });
  waiters.wait({id(2)}, [&] { told.push_back(2); });
  waiters.tell(id(3));
  CHECK(told.empty());
  waiters.tell(id(2));
  CHECK(told == std::vector<int>{2});
  waiters.tell(id(2));
  CHECK(told == std::vector<int>{2});
  waiters.tell(id(1));
  CHECK(told == std::vector<int>{2, 12});
  waiters.tell(id(1));
  CHECK(told.size() == 2);
}

TEST_CASE("Waiters: who is told may wait again for the same") {
  cluster::Waiters waiters;
  int told = 0;
  waiters.wait({id(1)}, [&] {
    told++;
    waiters.wait({id(1)}, [&] { told += 10; });
  });
  waiters.tell(id(1));
  CHECK(told == 1);
  waiters.tell(id(1));
  CHECK(told == 11);
}
