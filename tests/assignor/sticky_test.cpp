// Sticky and cooperative sticky: the cases of Kafka's own tests of them whose outcome is exact, and what differs from Java.
#include "assignor/sticky.h"

#include <catch2/catch.hpp>

#include "assignor/group_maker.h"

using namespace bobbin;
using namespace bobbin::assignor;
using namespace bobbin::assignor::test;

namespace {

struct Outcome {
  std::string eager;
  std::string cooperative;
};

void gives(const std::string& topics, std::initializer_list<Holder> members, const Outcome& expected) {
  for (const char* name : {"sticky", "cooperative-sticky"}) {
    CAPTURE(name);
    const Assignor& assignor = *find_assignor(name);
    CHECK(shown(assignor.assign(group_for(assignor, topics, members))) ==
          (assignor.cooperative ? expected.cooperative : expected.eager));
  }
}
void both_give(const std::string& topics, std::initializer_list<Holder> members, const std::string& expected) {
  gives(topics, members, {expected, expected});
}

}  // namespace

TEST_CASE("Sticky: no topics, topics that do not exist, topics that nobody wants") {
  both_give("", {{"c", ""}}, "c");
  both_give("", {{"c", "t"}}, "c");
  both_give("t:3", {{"c", "t"}}, "c t:0,1,2");
  both_give("t:2 other:2", {{"c", "t", "t:0,1 other:0,1", 1}}, "c t:0,1");
  both_give("t1:1 t2:2", {{"c", "t1 t2"}}, "c t1:0 t2:0,1");
  CHECK(sticky(Group{}).empty());
  CHECK(cooperative_sticky(Group{}).empty());
}

TEST_CASE("Sticky: without a past, members with the same topics take turns") {
  both_give("t:1", {{"c1", "t"}, {"c2", "t"}}, "c1 t:0; c2");
  both_give("t:2", {{"c1", "t"}, {"c2", "t"}}, "c1 t:0; c2 t:1");
  both_give("t1:3 t2:3", {{"c2", "t2 t1"}, {"c1", "t1 t2"}}, "c1 t1:0,2 t2:1; c2 t1:1 t2:0,2");
  both_give("t1:3 t2:4", {{"c1", "t1 t2"}, {"c2", "t1 t2"}}, "c1 t1:0,2 t2:1,3; c2 t1:1 t2:0,2");
}

TEST_CASE("Sticky: without a past, members with different topics get the least loaded first") {
  both_give("t1:3 t2:2", {{"c1", "t1"}, {"c2", "t1 t2"}, {"c3", "t1"}}, "c1 t1:0,2; c2 t2:0,1; c3 t1:1");
  // Where round robin gives one member nothing.
  both_give("t1:2 t2:1 t3:2 t4:1 t5:2",
            {{"c1", "t1 t2 t3 t4 t5"}, {"c2", "t1 t3 t5"}, {"c3", "t1 t3 t5"}, {"c4", "t1 t2 t3 t4 t5"}},
            "c1 t2:0 t3:0; c2 t1:0 t3:1; c3 t1:1 t5:0; c4 t4:0 t5:1");
}

TEST_CASE("Sticky: who has a share keeps it and may get one more") {
  both_give("t1:2 t2:3", {{"c1", "t1 t2", "t1:0 t2:1", 1}, {"c2", "t1 t2", "t1:1 t2:2", 1}},
            "c1 t1:0 t2:0,1; c2 t1:1 t2:2");
}

TEST_CASE("Sticky: who has less than a share gets the rest in turns") {
  both_give("t1:2 t2:3", {{"c1", "t1 t2", "t1:0", 1}, {"c2", "t1 t2", "t1:1", 1}, {"c3", "t1 t2", "", 1}},
            "c1 t1:0 t2:1; c2 t1:1 t2:2; c3 t2:0");
  both_give("t:4", {{"c1", "t", "t:0,1", 1}, {"c2", "t", "t:2", 1}, {"c3", "t", "", 1}}, "c1 t:0,1; c2 t:2; c3 t:3");
}

TEST_CASE("Sticky: who has more than a share gives up the highest numbers, at once or when it joins again") {
  gives("t:3", {{"c1", "t", "t:0,1,2", 1}, {"c2", "t", "", 1}}, {"c1 t:0,1; c2 t:2", "c1 t:0,1; c2"});
  // Two have two and only one of them may: the first by id.
  gives("t1:2 t2:2", {{"c1", "t1 t2", "t1:0 t2:0", 1}, {"c2", "t1 t2", "t1:1 t2:1", 1}, {"c3", "t1 t2", "", 1}},
        {"c1 t1:0 t2:0; c2 t1:1; c3 t2:1", "c1 t1:0 t2:0; c2 t1:1; c3"});
  gives("t1:3 t2:4",
        {{"c1", "t1 t2", "t1:0,2 t2:1,3", 1},
         {"c2", "t1 t2", "t1:1 t2:0,2", 1},
         {"c3", "t1 t2", "", 1},
         {"c4", "t1 t2", "", 1}},
        {"c1 t1:0 t2:1; c2 t1:1 t2:0; c3 t1:2 t2:3; c4 t2:2", "c1 t1:0 t2:1; c2 t1:1 t2:0; c3; c4"});
}

TEST_CASE("Sticky: what those had who left goes to those who have least") {
  both_give("t1:3 t2:4", {{"c3", "t1 t2", "t1:2 t2:3", 1}, {"c4", "t1 t2", "t2:2", 1}},
            "c3 t1:0,2 t2:1,3; c4 t1:1 t2:0,2");
  both_give("t:3", {{"c2", "t", "t:2", 1}}, "c2 t:0,1,2");
}

TEST_CASE("Sticky: a partition claimed twice in one generation was nobody's") {
  gives("t:3", {{"c1", "t", "t:0,1", 1}, {"c2", "t", "t:0,2", 1}, {"c3", "t", "", 1}},
        {"c1 t:1; c2 t:2; c3 t:0", "c1 t:1; c2 t:2; c3"});
  gives("t:4", {{"c1", "t", "t:0,1", 1}, {"c2", "t", "t:0,2", 1}, {"c3", "t", "", 1}},
        {"c1 t:1,3; c2 t:2; c3 t:0", "c1 t:1,3; c2 t:2; c3"});
  // Nor does a later claim make it somebody's again, as long as all are subscribed alike.
  gives("t:2", {{"c1", "t", "t:0", 1}, {"c2", "t", "t:0", 1}, {"c3", "t", "t:0", 2}},
        {"c1 t:0; c2 t:1; c3", "c1; c2 t:1; c3"});
}

TEST_CASE("Sticky: the claim of a later generation stands") {
  both_give("t1:3 t2:3", {{"c1", "t1 t2", "t1:0,2 t2:1", 10}, {"c2", "t1 t2", "t1:0,2 t2:1", 9}},
            "c1 t1:0,2 t2:1; c2 t1:1 t2:0,2");
  both_give("t1:3 t2:3", {{"c1", "t1 t2", "t1:0,2 t2:1", 9}, {"c2", "t1 t2", "t1:0,2 t2:1", 10}},
            "c1 t1:1 t2:0,2; c2 t1:0,2 t2:1");
  both_give("t1:3 t2:3", {{"c1", "t1 t2", "t1:0,1 t2:1", 10}, {"c2", "t1 t2", "t1:0 t2:1,2", 8}},
            "c1 t1:0,1 t2:1; c2 t1:2 t2:0,2");
  both_give("t1:3 t2:3 t3:3",
            {{"c1", "t1 t2 t3", "t1:0 t2:0 t3:0", 10},
             {"c2", "t1 t2 t3", "t1:1 t2:1 t3:1", 9},
             {"c3", "t1 t2 t3", "t2:1 t3:0,2", 8}},
            "c1 t1:0 t2:0 t3:0; c2 t1:1 t2:1 t3:1; c3 t1:2 t2:2 t3:2");
}

TEST_CASE("Sticky: members from different generations keep what nobody else claims") {
  const std::string all = "t t1 t2 t3";
  both_give(
      "t:3 t1:3 t2:3 t3:3",
      {{"c1", all}, {"c2", all, "t:0 t1:0 t2:0", 9}, {"c3", all, "t1:1 t2:2 t3:2", 8}, {"c4", all, "t:1,2 t3:1", 7}},
      "c1 t1:2 t2:1 t3:0; c2 t:0 t1:0 t2:0; c3 t1:1 t2:2 t3:2; c4 t:1,2 t3:1");
}

TEST_CASE("Sticky: a partition goes back to who had it before it was away") {
  // c2 has taken all meanwhile, and c1 would come first by its name.
  gives("t:4 u:1", {{"c1", "t"}, {"c2", "t u", "t:0,1,2,3 u:0", 2}, {"c3", "t", "t:0", 1}},
        {"c1 t:1,2; c2 t:3 u:0; c3 t:0", "c1; c2 t:3 u:0; c3 t:0"});
}

TEST_CASE("Sticky: members of old versions are understood") {
  for (const char* name : {"sticky", "cooperative-sticky"}) {
    const Assignor& assignor = *find_assignor(name);
    Group old = group_for(assignor, "t:3", {{"c1", "t", "t:2", 1}, {"c2", "t", "t:1", 1}, {"c3", "t", "", 1}});
    for (Member& each : old.members) each.subscription = decode_subscription(encode(each.subscription, 1)).value();
    CHECK(shown(assignor.assign(old)) == "c1 t:2; c2 t:1; c3 t:0");
  }
}

TEST_CASE("Sticky: partitions that do not exist are nobody's past") {
  both_give("t:2", {{"c1", "t", "t:2,3,4 gone:0,1", 1}, {"c2", "t", "t:0,-1", 1}}, "c1 t:1; c2 t:0");
}

TEST_CASE("Sticky: a member without topics gets nothing, though the others' are alike") {
  both_give("t:4", {{"c1", ""}, {"c2", "t"}, {"c3", "t"}}, "c1; c2 t:0,2; c3 t:1,3");
}

TEST_CASE("Sticky: a partition does not go back to who is not subscribed to it any more") {
  both_give("t:4 u:1", {{"c1", "u", "t:0,1", 1}, {"c2", "t", "t:0,1,2,3", 2}}, "c1 u:0; c2 t:0,1,2,3");
}
