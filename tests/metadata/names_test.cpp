#include "metadata/names.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::metadata;

TEST_CASE("Names: Kafka's rules for topics") {
  for (const char* good : {"a", "a.b", "a_b", "A-9", "...", "__consumer_offsets"}) CHECK(check_topic_name(good));
  CHECK(check_topic_name(std::string(249, 'x')));
  for (std::string bad : {std::string(), std::string("."), std::string(".."), std::string("a b"), std::string("a/b"),
                          std::string("\xc3\xa4"), std::string("a\0b", 3), std::string(250, 'x')}) {
    auto r = check_topic_name(bad);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == Errc::invalid_topic_exception);
    CHECK_FALSE(r.error().message.empty());
  }
  CHECK(collision_form("a.b_c") == "a_b_c");
  CHECK(is_internal_topic("__consumer_offsets"));
  CHECK_FALSE(is_internal_topic("consumer_offsets"));
  for (const char* name : {"__cluster_metadata", "__consumer_offsets", "__transaction_state"})
    CHECK(is_reserved_topic(name));
  for (const char* name : {"__cluster", "_consumer_offsets", "__consumer_offsets2", "__x", ""})
    CHECK_FALSE(is_reserved_topic(name));
}
