#include "broker/turns.h"

#include <catch2/catch.hpp>
#include <string>

using bobbin::broker::Turns;

namespace {

// A request whose work takes so many steps.
Turns::Step work(std::string& done, char name, int steps) {
  return [&done, name, left = steps]() mutable {
    done += name;
    return --left <= 0;
  };
}

}  // namespace

TEST_CASE("Turns: what takes one step is done at once, and leaves nothing") {
  Turns turns;
  std::string done;
  turns.begin(work(done, 'a', 1));
  CHECK(done == "a");
  CHECK(turns.empty());
  turns.run_one();
  CHECK(done == "a");
}

TEST_CASE("Turns: those that take longer have their steps in turn, one a round") {
  Turns turns;
  std::string done;
  turns.begin(work(done, 'a', 4));
  turns.begin(work(done, 'b', 2));
  CHECK(done == "ab");
  turns.run_one();
  CHECK(done == "aba");
  turns.begin(work(done, 'c', 3));
  for (int round = 0; round < 3; round++) turns.run_one();
  CHECK(done == "abacbac");
  CHECK_FALSE(turns.empty());
  turns.run_one();
  turns.run_one();
  CHECK(done == "abacbacac");
  CHECK(turns.empty());
}

TEST_CASE("Turns: a step may begin another one's") {
  Turns turns;
  std::string done;
  turns.begin([&, first = true]() mutable {
    if (std::exchange(first, false)) return false;
    turns.begin(work(done, 'x', 2));
    return true;
  });
  turns.run_one();
  CHECK(done == "x");
  turns.run_one();
  CHECK(done == "xx");
  CHECK(turns.empty());
}
