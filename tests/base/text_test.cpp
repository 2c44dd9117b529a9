#include <catch2/catch.hpp>

#include "base/text.h"

using namespace bobbin;
using namespace std::string_literals;

TEST_CASE("UTF-8: well-formed text of every length is taken") {
  for (const char* good : {"", "plain", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\xa7\xb5", "\xf4\x8f\xbf\xbf",
                           "eight ch\xc3\xa4rs"})
    CHECK(is_utf8(good));
  CHECK(is_utf8("with\0nul"s));
}

TEST_CASE("UTF-8: overlong, surrogate, cut and stray bytes are not") {
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xff", "\xe2\x82", "\xc3", "eight ch\xc3", "12345678\xe2\x82\x28"}) {
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

TEST_CASE("Escaping: of all characters exactly those of the one list are escaped") {
  auto utf8 = [](uint32_t c) {
    std::string out;
    if (c < 0x80) out += static_cast<char>(c);
    else if (c < 0x800) out.append({static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 63))});
    else if (c < 0x10000)
      out.append({static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
                  static_cast<char>(0x80 | (c & 63))});
    else
      out.append({static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
                  static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))});
    return out;
  };
  size_t steering = 0;
  for (uint32_t c = 0; c <= 0x10ffff; c++) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string text = utf8(c);
    bool is_in_list = c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || c == 0x200e || c == 0x200f ||
                      (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    steering += is_in_list;
    uint32_t code = 0;
    bool is_right = (steering_bytes(text + "x", code) == (is_in_list ? text.size() : 0)) &&
                    (!is_in_list || code == c) && (escaped_for_line(text) != text) == is_in_list;
    if (!is_right) FAIL(c);
  }
  CHECK(steering == 32 + 33 + 3 + 7 + 4);
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

TEST_CASE("Splitting: also what is empty is a part, but of nothing there is none") {
  using Parts = std::vector<std::string_view>;
  CHECK(split("", ',') == Parts{});
  CHECK(split("a", ',') == Parts{"a"});
  CHECK(split("a,b c,d", ',') == Parts{"a", "b c", "d"});
  CHECK(split(",a,,b,", ',') == Parts{"", "a", "", "b", ""});
  CHECK(split(",", ',') == Parts{"", ""});
}
