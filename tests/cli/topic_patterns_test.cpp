#include "cmd/topic/patterns.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::cmd;

TEST_CASE("topic patterns: each matches the whole name") {
  auto patterns = TopicPatterns::compile({"orders", "pay.*", "[ab]\\d{2}"});
  REQUIRE(patterns.ok());
  for (const char* name : {"orders", "pay", "payments", "a17", "b00"}) CHECK(patterns->match(name));
  for (const char* name : {"orders2", "my-orders", "a1", "c17", ""}) CHECK_FALSE(patterns->match(name));
}

TEST_CASE("topic patterns: those that explode elsewhere take no time, for names of any length") {
  for (const char* text : {"(a+)+b", "(a|a)*b", "(a*)*b", "(.*)*(.*)*(.*)*b", "(x+x+)+y"}) {
    auto patterns = TopicPatterns::compile({text});
    REQUIRE(patterns.ok());
    CHECK_FALSE(patterns->match(std::string(32767, 'a')));
    CHECK_FALSE(patterns->match(std::string(32767, 'x')));
  }
}

TEST_CASE("topic patterns: what is none, or becomes too large, is refused with its text") {
  for (std::string text : {"(", "[", "*a", "a{2000}", "((a{1000}){1000}){1000}", "(?=a)a", "(a)\\1", "\\"}) {
    auto patterns = TopicPatterns::compile({"good", text});
    INFO(text);
    REQUIRE_FALSE(patterns.ok());
    CHECK(patterns.error().code == Errc::usage);
    CHECK(patterns.error().message.find("'" + text + "'") != std::string::npos);
  }
}
