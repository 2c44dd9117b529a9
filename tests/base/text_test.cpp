#include <catch2/catch.hpp>

#include "base/text.h"

using namespace bobbin;
using namespace std::string_literals;

TEST_CASE("UTF-8: well-formed text of every length is taken") {
  for (const char* good : {"", "plain", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\xa7\xb5", "\xf4\x8f\xbf\xbf", "eight ch\xc3\xa4rs"})
    CHECK(is_utf8(good));
  CHECK(is_utf8("with\0nul"s));
}

TEST_CASE("UTF-8: overlong, surrogate, cut and stray bytes are not") {
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xff",
                          "\xe2\x82", "\xc3", "eight ch\xc3", "12345678\xe2\x82\x28"}) {
    INFO(escaped_for_line(bad));
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("Escaping: nothing that steers a terminal comes out") {
  CHECK(escaped_for_terminal("a\tb\nc") == "a\tb\nc");
  CHECK(escaped_for_line("a\tb\nc") == "a\\x09b\\x0ac");
  CHECK(escaped_for_terminal("\x1b[31mred\r\x7f") == "\\x1b[31mred\\x0d\\x7f");
  CHECK(escaped_for_terminal("\xc2\x9b"s + "31m") == "\\u{009b}31m");
  CHECK(escaped_for_terminal("\xe2\x80\xae"s + "txt") == "\\u{202e}txt");
  CHECK(escaped_for_terminal("\xff\xc3") == "\\xff\\xc3");
  CHECK(escaped_for_terminal("gr\xc3\xbc\xc3\x9f \xf0\x9f\xa7\xb5") == "gr\xc3\xbc\xc3\x9f \xf0\x9f\xa7\xb5");
  CHECK(escaped_for_terminal("\0"s) == "\\x00");
}

TEST_CASE("Escaping: every single byte and pair of bytes comes out harmless") {
  for (int a = 0; a < 256; a++)
    for (int b = 0; b < 256; b++) {
      std::string in{static_cast<char>(a), static_cast<char>(b)};
      std::string out = escaped_for_line(in);
      bool harmless = is_utf8(out);
      for (unsigned char c : out) harmless = harmless && c >= 0x20 && c != 0x7f;
      if (!harmless) FAIL(a << " " << b);
    }
}

TEST_CASE("Names: the nearest one is found, and nothing is invented") {
  constexpr std::string_view names[] = {"retention.ms", "retention.bytes", "segment.bytes", "cleanup.policy"};
  CHECK(nearest_name("retension.ms", names) == "retention.ms");
  CHECK(nearest_name("segmnet.byte", names) == "segment.bytes");
  CHECK(nearest_name("clean.policy", names) == "cleanup.policy");
  CHECK_FALSE(nearest_name("zzz", names));
  CHECK_FALSE(nearest_name("", names));
}

TEST_CASE("Edit distance: insertions, deletions, replacements, swaps") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("abc", "abd") == 1);
  CHECK(edit_distance("abc", "acb") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("Trimming: white space at both ends goes") {
  CHECK(trimmed(" \ta b\r\n") == "a b");
  CHECK(trimmed(" ") == "");
}
