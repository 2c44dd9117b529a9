// The table of assignors, and what members write for each.
#include "assignor/assignors.h"

#include <catch2/catch.hpp>

#include "assignor/group_maker.h"

using namespace bobbin;
using namespace bobbin::assignor;
using namespace bobbin::assignor::test;

namespace {

Subscription written_for(const char* name, const std::optional<Claim>& last) {
  return subscription_for(*find_assignor(name), {"t"}, last);
}

const Claim had{{{"t", {PartitionId(1)}}}, 4};

}  // namespace

TEST_CASE("Assignors: by their names, and which are cooperative") {
  std::string names;
  for (const Assignor& each : assignors()) {
    CHECK(find_assignor(each.name) == &each);
    names += std::string(each.name) + (each.cooperative ? "*" : "") + " ";
  }
  CHECK(names == "range roundrobin sticky cooperative-sticky* ");
  CHECK(find_assignor("Range") == nullptr);
}

TEST_CASE("Assignors: range and round robin are told nothing but topics and a generation") {
  Subscription plain;
  plain.topics = {"t"};
  for (const char* name : {"range", "roundrobin"}) {
    CHECK(written_for(name, std::nullopt) == plain);
    Subscription later = plain;
    later.generation = 4;
    CHECK(written_for(name, had) == later);
  }
}

TEST_CASE("Assignors: a sticky member owns nothing and tells what it had") {
  CHECK_FALSE(written_for("sticky", std::nullopt).user_data);
  const Subscription later = written_for("sticky", had);
  CHECK(later.owned.empty());
  CHECK(sticky_claim(later) == had);
}

TEST_CASE("Assignors: a cooperative member tells what it owns and its generation, twice") {
  CHECK(written_for("cooperative-sticky", std::nullopt).user_data == "\xff\xff\xff\xff");
  const Subscription later = written_for("cooperative-sticky", had);
  CHECK(later.owned == had.partitions);
  CHECK(later.generation == 4);
  CHECK(later.user_data == std::string("\0\0\0\4", 4));
}
