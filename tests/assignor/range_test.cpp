// Range: the cases of Kafka's own test of it, and its rule.
#include "assignor/range.h"

#include <catch2/catch.hpp>

#include "assignor/group_maker.h"

using namespace bobbin::assignor;
using namespace bobbin::assignor::test;

namespace {

std::string ranged(const std::string& topics, std::initializer_list<Named> members) {
  return shown(range(group(topics, members)));
}

}  // namespace

TEST_CASE("Range: no topics, topics that do not exist, topics that nobody wants") {
  CHECK(ranged("", {{"c", ""}}) == "c");
  CHECK(ranged("", {{"c", "t"}}) == "c");
  CHECK(ranged("t:0", {{"c", "t"}}) == "c");
  CHECK(ranged("t:3 other:3", {{"c", "t"}}) == "c t:0,1,2");
  CHECK(range(Group{}).empty());
}

TEST_CASE("Range: one member gets all that it is subscribed to") {
  CHECK(ranged("t1:1 t2:2", {{"c", "t2 t1"}}) == "c t1:0 t2:0,1");
  CHECK(ranged("t1:1 t2:2", {{"c", "t1 t1 t1"}}) == "c t1:0");
}

TEST_CASE("Range: each topic is cut by itself, the first get one more") {
  CHECK(ranged("t:1", {{"c1", "t"}, {"c2", "t"}}) == "c1 t:0; c2");
  CHECK(ranged("t:2", {{"c1", "t"}, {"c2", "t"}}) == "c1 t:0; c2 t:1");
  CHECK(ranged("t1:3 t2:3", {{"c1", "t1 t2"}, {"c2", "t1 t2"}}) == "c1 t1:0,1 t2:0,1; c2 t1:2 t2:2");
  CHECK(ranged("t:11", {{"c1", "t"}, {"c2", "t"}, {"c3", "t"}, {"c4", "t"}}) ==
        "c1 t:0,1,2; c2 t:3,4,5; c3 t:6,7,8; c4 t:9,10");
}

TEST_CASE("Range: only a topic's subscribers share it") {
  CHECK(ranged("t1:3 t2:2", {{"c1", "t1"}, {"c2", "t1 t2"}, {"c3", "t1"}}) == "c1 t1:0; c2 t1:1 t2:0,1; c3 t1:2");
}

TEST_CASE("Range: the order in which members come does not matter") {
  CHECK(ranged("t:3", {{"c2", "t"}, {"c1", "t"}}) == "c1 t:0,1; c2 t:2");
}

TEST_CASE("Range: static members come first, by instance id") {
  CHECK(ranged("t1:3 t2:3", {{"c-b", "t1 t2", "i1"}, {"c-a", "t1 t2", "i2"}}) == "c-a t1:2 t2:2; c-b t1:0,1 t2:0,1");
  CHECK(ranged("t1:3 t2:3", {{"c-b", "t1 t2", "i1"}, {"c-a", "t1 t2"}}) == "c-a t1:2 t2:2; c-b t1:0,1 t2:0,1");
}

TEST_CASE("Range: static members keep what they have when a member is replaced, or their ids change") {
  const std::string all = "t1 t2";
  CHECK(ranged("t1:5 t2:4", {{"c1", all, "i1"}, {"c2", all, "i2"}, {"c3", all, "i3"}, {"c4", all}}) ==
        "c1 t1:0,1 t2:0; c2 t1:2 t2:1; c3 t1:3 t2:2; c4 t1:4 t2:3");
  CHECK(ranged("t1:5 t2:4", {{"c1", all, "i1"}, {"c2", all, "i2"}, {"c3", all, "i3"}, {"c5", all}}) ==
        "c1 t1:0,1 t2:0; c2 t1:2 t2:1; c3 t1:3 t2:2; c5 t1:4 t2:3");

  CHECK(ranged("t1:5 t2:5", {{"c1", all, "i1"}, {"c2", all, "i2"}, {"c3", all, "i3"}}) ==
        "c1 t1:0,1 t2:0,1; c2 t1:2,3 t2:2,3; c3 t1:4 t2:4");
  CHECK(ranged("t1:5 t2:5", {{"c1", all, "i1"}, {"c5", all, "i2"}, {"c4", all, "i3"}}) ==
        "c1 t1:0,1 t2:0,1; c4 t1:4 t2:4; c5 t1:2,3 t2:2,3");
}
