#include "base/number.h"

#include <catch2/catch.hpp>

using namespace bobbin;

TEST_CASE("number: digits, perhaps after a minus, and nothing else") {
  CHECK(number_in<int32_t>("0") == 0);
  CHECK(number_in<int32_t>("-17") == -17);
  CHECK(number_in<int32_t>("007") == 7);
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1x", "0x1", "1.0", "1e3", "--1",
                           "\xC2\xA0"
                           "1"})
    CHECK(!number_in<int32_t>(text));
  CHECK(!number_in<int32_t>(std::string_view("1\0", 2)));
}

TEST_CASE("number: beyond its type or its bounds it is none") {
  CHECK(number_in<int64_t>("9223372036854775807") == INT64_MAX);
  CHECK(!number_in<int64_t>("9223372036854775808"));
  CHECK(number_in<int64_t>("-9223372036854775808") == INT64_MIN);
  CHECK(number_in<uint16_t>("65535") == 65535);
  CHECK(!number_in<uint16_t>("65536"));
  CHECK(!number_in<uint16_t>("-1"));
  CHECK(number_in<int32_t>("1", 1, 2) == 1);
  CHECK(number_in<int32_t>("2", 1, 2) == 2);
  CHECK(!number_in<int32_t>("0", 1, 2));
  CHECK(!number_in<int32_t>("3", 1, 2));
}
