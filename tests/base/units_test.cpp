#include <catch2/catch.hpp>

#include "base/units.h"

using namespace bobbin;

namespace {
int64_t bytes_of(std::string_view t) { return parse_size(t).value(); }
int64_t ms_of(std::string_view t) { return parse_duration_ms(t).value(); }
int64_t at(std::string_view t) { return parse_time(t, Timestamp(10'000'000)).value().value; }
}  // namespace

TEST_CASE("Sizes: plain bytes and units of 1024 and 1000") {
  CHECK(bytes_of("0") == 0);
  CHECK(bytes_of("1048576") == 1048576);
  CHECK(bytes_of("64MiB") == 64 << 20);
  CHECK(bytes_of("10k") == 10240);
  CHECK(bytes_of("10K") == 10240);
  CHECK(bytes_of("10kB") == 10000);
  CHECK(bytes_of("1.5GiB") == 1610612736);
  CHECK(bytes_of(" 2 GB ") == 2000000000);
  CHECK(bytes_of("8191TiB") == int64_t{8191} << 40);
}

TEST_CASE("Sizes: what is not one is refused with a sentence") {
  for (const char* bad :
       {"", "x", "-1", "1Q", "1.k", ".5k", "1.5", "99999999999999999999", "9000000TiB", "1 2", "0x10"}) {
    INFO(bad);
    auto r = parse_size(bad);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == Errc::usage);
    CHECK(r.error().message.find("is not a size") != std::string::npos);
  }
}

TEST_CASE("Durations: a number and a unit, several in a row") {
  CHECK(ms_of("500ms") == 500);
  CHECK(ms_of("2m") == 120000);
  CHECK(ms_of("7d") == 604800000);
  CHECK(ms_of("1h30m") == 5400000);
  CHECK(ms_of("1.5s") == 1500);
  CHECK(ms_of("0.1s") == 100);
  CHECK(ms_of("2w") == 1209600000);
  CHECK(ms_of("0") == 0);
}

TEST_CASE("Durations: a bare number is told that its unit is missing") {
  CHECK(parse_duration_ms("5").error().message.find("unit is missing (5ms, 5s)") != std::string::npos);
  for (const char* bad : {"", "h", "-1h", "1x", "1h-", "1H", "9223372036854775807d", "0.0001s"}) {
    INFO(bad);
    CHECK_FALSE(parse_duration_ms(bad));
  }
}

TEST_CASE("Durations, sizes: up to the largest number and not around it") {
  CHECK(ms_of("9223372036854775s807ms") == INT64_MAX);
  std::string sum;
  for (int i = 0; i < 9; i++) sum += "999999999999999999ms";
  CHECK(ms_of(sum) == 9 * 999999999999999999);
  for (const std::string& bad : {std::string("9223372036854775s808ms"), sum + "999999999999999999ms",
                                 std::string("999999999999999999d"), std::string("15250284453w")}) {
    INFO(bad);
    CHECK_FALSE(parse_duration_ms(bad));
  }
  CHECK(parse_size("8388607TiB").value() == 8388607 * (int64_t{1} << 40));
  CHECK_FALSE(parse_size("8388608TiB"));
}

TEST_CASE("Times: milliseconds, ISO 8601 with and without zone, and so long ago") {
  CHECK(at("1767225600000") == 1767225600000);
  CHECK(at("0") == 0);
  CHECK(at("1970-01-01") == 0);
  CHECK(at("1970-01-02T00:00") == 86400000);
  CHECK(at("2026-01-01") == 1767225600000);
  CHECK(at("2026-01-01T00:00:00.250Z") == 1767225600250);
  CHECK(at("2026-01-01 02:30:05+02:30") == 1767225605000);
  CHECK(at("2025-12-31T19:00-0500") == 1767225600000);
  CHECK(at("2026-01-01T02:00+02") == 1767225600000);
  CHECK(at("2026-01-01T00:00:00.123456789Z") == 1767225600123);
  CHECK(at("1969-12-31T23:59:59.999Z") == -1);
  CHECK(at("-1") == -1);
  CHECK(at("-1500") == -1500);
  CHECK(at("1969-12-31T23:59:58.5Z") == -1500);
  CHECK(at("-9223372036854775808") == INT64_MIN);
  CHECK(at("-1500ms") == 10'000'000 - 1500);
  CHECK(at("now") == 10'000'000);
  CHECK(at("-1h") == 10'000'000 - 3'600'000);
}

TEST_CASE("Times: what is not one is refused") {
  for (const char* bad : {"", "-", "--1", "-1x", "2026-13-01", "2026-02-30", "2026-01-01T", "2026-01-01T24:00",
                          "2026-01-01T10", "2026-01-01T10:00x", "2026-01-01T10:00+2", "yesterday", "2026-1-1"}) {
    INFO(bad);
    CHECK_FALSE(parse_time(bad, Timestamp(0)));
  }
}

TEST_CASE("Units: what is printed is parsed to the same number") {
  for (int64_t v :
       {int64_t{0}, int64_t{1}, int64_t{1000}, int64_t{1024}, int64_t{64} << 20, int64_t{3} << 30, int64_t{1} << 50})
    CHECK(bytes_of(size_text(v)) == v);
  for (int64_t v : {int64_t{0}, int64_t{1}, int64_t{999}, int64_t{90061001}, int64_t{604800000}})
    CHECK(ms_of(duration_text(v)) == v);
  for (int64_t v :
       {int64_t{0}, int64_t{-1}, int64_t{1767225600250}, int64_t{-62135596800000}, int64_t{253402300799999}})
    CHECK(at(time_text(Timestamp(v))) == v);
  CHECK(size_text(64 << 20) == "64MiB");
  CHECK(duration_text(5400000) == "1h30m");
  CHECK(time_text(Timestamp(1767225600250)) == "2026-01-01T00:00:00.250Z");
  CHECK(time_text(Timestamp(INT64_MAX)) == "9223372036854775807");
  CHECK(time_text(Timestamp(INT64_MIN)) == "-9223372036854775808");
}

TEST_CASE("Numbers: the range is in the error") {
  CHECK(parse_number("7", 1, 10, "-p").value() == 7);
  CHECK(parse_number("11", 1, 10, "-p").error().message == "-p: 11 is out of range (from 1 to 10)");
  CHECK(parse_number("1x", 1, 10, "-p").error().message == "-p: '1x' is not a number (from 1 to 10)");
}
