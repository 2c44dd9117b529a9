#include "base/offset_name.h"

#include <catch2/catch.hpp>

using namespace bobbin;

TEST_CASE("offset name: twenty digits, and there and back") {
  CHECK(offset_name(Offset(42), ".log") == "00000000000000000042.log");
  CHECK(offset_name(Offset(0), "") == "00000000000000000000");
  for (int64_t offset : {int64_t{0}, int64_t{1}, int64_t{1234567890}, INT64_MAX})
    CHECK(parse_offset_name(offset_name(Offset(offset), ".index"), ".index") == Offset(offset));
}

TEST_CASE("offset name: what is no name of this kind is none") {
  for (const char* name : {"", ".log", "42.log", "00000000000000000042.log.deleted", "00000000000000000042.index",
                           "0000000000000000004x.log", "-0000000000000000042.log", "000000000000000000042.log",
                           "99999999999999999999.log", " 0000000000000000042.log"})
    CHECK(!parse_offset_name(name, ".log"));
}
