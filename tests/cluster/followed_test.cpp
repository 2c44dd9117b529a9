#include "cluster/followed.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using cluster::TopicPartition;

TEST_CASE("Followed: each partition is asked for at its leader of now, and nowhere where there is none") {
  cluster::Followed followed;
  const TopicPartition a{Uuid{}, PartitionId(0)}, b{Uuid{}, PartitionId(1)};
  using Set = std::set<TopicPartition>;
  CHECK(followed.from(BrokerId(1)).empty());
  followed.move(a, broker_none, BrokerId(1));
  followed.move(b, broker_none, BrokerId(1));
  CHECK(followed.from(BrokerId(1)) == Set{a, b});
  followed.move(a, BrokerId(1), BrokerId(2));
  CHECK(followed.from(BrokerId(1)) == Set{b});
  CHECK(followed.from(BrokerId(2)) == Set{a});
  followed.move(a, BrokerId(2), BrokerId(2));
  CHECK(followed.from(BrokerId(2)) == Set{a});
  followed.move(a, BrokerId(2), broker_none);
  CHECK(followed.from(BrokerId(2)).empty());
  CHECK(followed.from(broker_none).empty());
}
