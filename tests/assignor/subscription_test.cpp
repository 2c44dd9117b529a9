// The bytes that members exchange: Kafka's own, each version, and every way to be cut short or to lie.
#include "assignor/subscription.h"

#include <catch2/catch.hpp>

#include "assignor/user_data.h"

using namespace bobbin;
using namespace bobbin::assignor;

namespace {

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

std::vector<PartitionId> numbers(std::initializer_list<int32_t> values) {
  std::vector<PartitionId> all;
  for (int32_t each : values) all.emplace_back(each);
  return all;
}

Subscription full() {
  Subscription all;
  all.topics = {"orders", "payments"};
  all.user_data = std::string("\0\1", 2);
  all.owned = {{"orders", numbers({0, 3})}, {"payments", numbers({1})}};
  all.generation = 7;
  all.rack = "r1";
  return all;
}

// Written by Kafka 4.3.1.
const std::string java_subscription = from_hex("00030000000100066f7264657273ffffffff00000000ffffffffffff");
const std::string java_assignment = from_hex("00030000000100066f7264657273000000020000000000000001ffffffff");

// Cut anywhere it does not parse, and says so.
template <class Decode>
void cut_anywhere(const std::string& bytes, Decode decode, size_t first = 0) {
  for (size_t size = first; size < bytes.size(); size++) {
    CAPTURE(size);
    auto decoded = decode(Bytes(bytes).substr(0, size));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == Errc::malformed);
    CHECK_FALSE(decoded.error().message.empty());
  }
}

}  // namespace

TEST_CASE("Subscription: Java's bytes are read and written") {
  Subscription subscription;
  subscription.topics = {"orders"};
  CHECK(encode(subscription) == java_subscription);
  CHECK(decode_subscription(java_subscription).value() == subscription);

  Assignment assignment{{{"orders", numbers({0, 1})}}, std::nullopt};
  CHECK(encode(assignment) == java_assignment);
  CHECK(decode_assignment(java_assignment).value() == assignment);
}

TEST_CASE("Subscription: each version has the fields of the one before and its own") {
  Subscription expected = full();
  std::string before;
  for (int16_t version = consumer_protocol_version_max; version >= 0; version--) {
    CAPTURE(version);
    if (version < 3) expected.rack.reset();
    if (version < 2) expected.generation = generation_none;
    if (version < 1) expected.owned.clear();
    const std::string bytes = encode(full(), version);
    CHECK(decode_subscription(bytes).value() == expected);
    if (!before.empty()) CHECK(before.substr(2).starts_with(bytes.substr(2)));
    before = bytes;
  }
}

TEST_CASE("Subscription: a later version is read as the last one known, and what follows is ignored") {
  std::string bytes = encode(full()) + "what version 9 adds";
  store_be(bytes.data(), int16_t{9});
  CHECK(decode_subscription(bytes).value() == full());
  std::string assignment = java_assignment + "more";
  store_be(assignment.data(), int16_t{INT16_MAX});
  CHECK(decode_assignment(assignment).value() == decode_assignment(java_assignment).value());
}

TEST_CASE("Subscription: topics and what is owned are written in order") {
  Subscription mixed = full();
  mixed.topics = {"payments", "orders"};
  mixed.owned = {{"orders", numbers({3})}, {"payments", numbers({1})}, {"orders", numbers({0})}};
  CHECK(encode(mixed) == encode(full()));
}

TEST_CASE("Subscription: bytes that end too early do not parse") {
  for (int16_t version = 0; version <= consumer_protocol_version_max; version++)
    cut_anywhere(encode(full(), version), decode_subscription);
  cut_anywhere(java_assignment, decode_assignment, 1);
}

TEST_CASE("Assignment: no bytes are an empty one") {
  CHECK(decode_assignment("").value() == Assignment{});
  CHECK(decode_assignment(encode(Assignment{})).value() == Assignment{});
}

TEST_CASE("Subscription: counts and lengths that the bytes cannot hold are refused") {
  const char* lies[] = {
      "ffff00000000ffffffff",                      // version -1
      "00007fffffffffffffff",                      // 2 billion topics
      "0000ffffffffffffffff",                      // topics are null
      "000000000001ffffffffffff",                  // a topic is null
      "0000000000017fff6f",                        // a topic of 32 KiB
      "0000000000007fffffff",                      // user data of 2 GiB
      "000100000000ffffffff7fffffff",              // 2 billion topics owned
      "000100000000ffffffffffffffff",              // what is owned is null
      "000100000000ffffffff0000000100007fffffff",  // 2 billion partitions of one
  };
  for (const char* lie : lies) {
    CAPTURE(lie);
    CHECK_FALSE(decode_subscription(from_hex(lie)));
  }
  CHECK_FALSE(decode_assignment(from_hex("00007fffffff")));
  CHECK_FALSE(decode_assignment(from_hex("00000000000100007fffffff")));
  CHECK_FALSE(decode_assignment(from_hex("8000")));
}

TEST_CASE("Subscription: no rack is null or empty, and no generation is any below zero") {
  CHECK(decode_subscription(from_hex("000300000000ffffffff00000000fffffffe0000")).value() == Subscription{});
  CHECK(decode_subscription(from_hex("000300000000ffffffff00000000ffffffffffff")).value() == Subscription{});
}

TEST_CASE("User data: a sticky member tells what it had last, with or without its generation") {
  Claim claim{{{"orders", numbers({0, 3})}, {"payments", numbers({1})}}, 5};
  Subscription subscription;
  subscription.user_data = sticky_user_data(claim);
  CHECK(*subscription.user_data ==
        from_hex("0000000200066f726465727300000002000000000000000300087061796d656e7473000000010000000100000005"));
  CHECK(sticky_claim(subscription) == claim);

  subscription.user_data->resize(subscription.user_data->size() - 4);  // as v0
  CHECK(sticky_claim(subscription) == Claim{claim.partitions, generation_none});
  for (size_t cut = 0; cut < subscription.user_data->size(); cut++) {
    CAPTURE(cut);
    Subscription torn;
    torn.user_data = subscription.user_data->substr(0, cut);
    CHECK(sticky_claim(torn) == Claim{});
  }
}

TEST_CASE("User data: sticky does not believe what the subscription owns") {
  CHECK(sticky_claim(full()) == Claim{});
  Subscription silent = full();
  silent.user_data.reset();
  CHECK(sticky_claim(silent) == Claim{});
}

TEST_CASE("User data: cooperative-sticky takes the generation of old members from it") {
  CHECK(cooperative_user_data(258) == from_hex("00000102"));
  Subscription subscription = full();
  subscription.user_data = cooperative_user_data(258);
  CHECK(cooperative_claim(subscription) == Claim{full().owned, 7});

  subscription.generation = generation_none;
  CHECK(cooperative_claim(subscription) == Claim{full().owned, 258});
  subscription.user_data = "\1\2\3";
  CHECK(cooperative_claim(subscription) == Claim{full().owned, generation_none});
  subscription.user_data.reset();
  CHECK(cooperative_claim(subscription) == Claim{full().owned, generation_none});
}
