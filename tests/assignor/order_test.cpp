// The order of members, which is Java's.
#include "assignor/order.h"

#include <catch2/catch.hpp>

using namespace bobbin::assignor;

TEST_CASE("Order: texts are compared as UTF-16 compares them") {
  // Each before all that follow. In UTF-8 the last two change places.
  const char* in_order[] = {"", "a", "ab", "b", "\u00fc", "\u20ac", "\U0001f600", "\uff5e"};
  for (size_t i = 0; i < std::size(in_order); i++)
    for (size_t j = 0; j < std::size(in_order); j++) {
      CAPTURE(in_order[i], in_order[j]);
      CHECK(utf16_before(in_order[i], in_order[j]) == (i < j));
    }
}

TEST_CASE("Order: static members before the others") {
  const Member in_order[] = {{"d", "i1", {}}, {"a", "i2", {}}, {"b", {}, {}}, {"c", {}, {}}};
  for (size_t i = 0; i < std::size(in_order); i++)
    for (size_t j = 0; j < std::size(in_order); j++) CHECK(static_first(in_order[i], in_order[j]) == (i < j));
  CHECK(by_id(in_order[1], in_order[0]));
}
