#include <catch2/catch.hpp>
#include <optional>

#include "base/budget.h"

using namespace bobbin;

TEST_CASE("Budget: a share counts until it ends, whoever holds it then") {
  Budget budget(100);
  CHECK((budget.max() == 100 && budget.used() == 0 && budget.left() == 100));
  Budget::Share kept;
  {
    Budget::Share a = budget.take(60), b = budget.take(10);
    CHECK((a.bytes() == 60 && budget.used() == 70 && budget.left() == 30));
    kept = std::move(a);
    CHECK((a.bytes() == 0 && kept.bytes() == 60));
  }
  CHECK(budget.used() == 60);
  kept = budget.take(5);  // what it held before is given back
  CHECK(budget.used() == 5);
  kept.resize(50);
  CHECK(budget.used() == 50);
  kept.resize(0);
  CHECK(budget.used() == 0);
}

TEST_CASE("Budget: has_room tells what fits, and what is taken all the same is counted") {
  Budget budget(100);
  CHECK(budget.has_room(100));
  CHECK_FALSE(budget.has_room(101));
  Budget::Share large = budget.take(250);
  CHECK((budget.used() == 250 && budget.left() == 0));
  CHECK_FALSE(budget.has_room(1));
  CHECK(budget.has_room(0));
  large.resize(99);
  CHECK(budget.left() == 1);
}

TEST_CASE("Budget: another limit holds at once, also below what is used") {
  Budget budget(100);
  Budget::Share share = budget.take(80);
  budget.set_max(50);
  CHECK((budget.left() == 0 && budget.used() == 80));
  budget.set_max(SIZE_MAX);
  CHECK(budget.has_room(size_t{1} << 40));
  share.resize(10);
  budget.set_max(50);
  CHECK(budget.left() == 40);
}

TEST_CASE("Budget: copies are the same budget, and a share may outlive them all") {
  Budget::Share share;
  {
    Budget budget(100), same = budget;
    share = same.take(30);
    CHECK(budget.used() == 30);
    budget.set_max(40);
    CHECK(same.left() == 10);
  }
  CHECK(share.bytes() == 30);
  share.resize(1);
  Budget::Share nobodys;
  nobodys.resize(7);
  CHECK(nobodys.bytes() == 0);
}
