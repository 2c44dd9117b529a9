// Round robin: the cases of Kafka's own test of it, and its rule.
#include "assignor/round_robin.h"

#include <catch2/catch.hpp>

#include "assignor/group_maker.h"

using namespace bobbin::assignor;
using namespace bobbin::assignor::test;

namespace {

std::string dealt(const std::string& topics, std::initializer_list<Named> members) {
  return shown(round_robin(group(topics, members)));
}

}  // namespace

TEST_CASE("Round robin: no topics, topics that do not exist, topics that nobody wants") {
  CHECK(dealt("", {{"c", ""}}) == "c");
  CHECK(dealt("", {{"c", "t"}}) == "c");
  CHECK(dealt("t:3 other:3", {{"c", "t"}}) == "c t:0,1,2");
  CHECK(dealt("t1:1 t2:2", {{"c", "t1 t2"}}) == "c t1:0 t2:0,1");
  CHECK(round_robin(Group{}).empty());
}

TEST_CASE("Round robin: the circle goes on from topic to topic") {
  CHECK(dealt("t:1", {{"c1", "t"}, {"c2", "t"}}) == "c1 t:0; c2");
  CHECK(dealt("t:2", {{"c1", "t"}, {"c2", "t"}}) == "c1 t:0; c2 t:1");
  CHECK(dealt("t1:3 t2:3", {{"c2", "t1 t2"}, {"c1", "t1 t2"}}) == "c1 t1:0,2 t2:1; c2 t1:1 t2:0,2");
}

TEST_CASE("Round robin: who is not subscribed is passed over") {
  CHECK(dealt("t1:3 t2:2", {{"c1", "t1"}, {"c2", "t1 t2"}, {"c3", "t1"}}) == "c1 t1:0; c2 t1:1 t2:0,1; c3 t1:2");
  // After b:1 the circle stands at c4, so c:0 goes there and not to c1.
  CHECK(dealt("a:1 b:2 c:3", {{"c1", "a c"}, {"c2", "b"}, {"c3", "b"}, {"c4", "c"}}) ==
        "c1 a:0 c:1; c2 b:0; c3 b:1; c4 c:0,2");
}

TEST_CASE("Round robin: static members come first, by instance id") {
  CHECK(dealt("t1:3 t2:3", {{"c-b", "t1 t2", "i1"}, {"c-a", "t1 t2", "i2"}}) == "c-a t1:1 t2:0,2; c-b t1:0,2 t2:1");
  CHECK(dealt("t1:3 t2:3", {{"c-b", "t1 t2", "i1"}, {"c-a", "t1 t2"}}) == "c-a t1:1 t2:0,2; c-b t1:0,2 t2:1");
}

TEST_CASE("Round robin: static members keep what they have when a member is replaced, or their ids change") {
  const std::string all = "t1 t2";
  CHECK(dealt("t1:3 t2:3", {{"c1", all, "i1"}, {"c2", all, "i2"}, {"c3", all, "i3"}, {"c4", all}}) ==
        "c1 t1:0 t2:1; c2 t1:1 t2:2; c3 t1:2; c4 t2:0");
  CHECK(dealt("t1:3 t2:3", {{"c1", all, "i1"}, {"c2", all, "i2"}, {"c3", all, "i3"}, {"c5", all}}) ==
        "c1 t1:0 t2:1; c2 t1:1 t2:2; c3 t1:2; c5 t2:0");

  CHECK(dealt("t1:5 t2:5", {{"c1", all, "i1"}, {"c2", all, "i2"}, {"c3", all, "i3"}}) ==
        "c1 t1:0,3 t2:1,4; c2 t1:1,4 t2:2; c3 t1:2 t2:0,3");
  CHECK(dealt("t1:5 t2:5", {{"c1", all, "i1"}, {"c5", all, "i2"}, {"c4", all, "i3"}}) ==
        "c1 t1:0,3 t2:1,4; c4 t1:2 t2:0,3; c5 t1:1,4 t2:2");
}
