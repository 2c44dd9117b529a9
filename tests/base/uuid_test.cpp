// Uuid: Kafka's text of it, one for each id and no other.
#include "base/uuid.h"

#include <catch2/catch.hpp>
#include <unordered_set>

using namespace bobbin;

namespace {
Uuid filled(unsigned char byte) {
  Uuid id;
  id.bytes.fill(byte);
  return id;
}
}  // namespace

TEST_CASE("Uuid: known texts, in the alphabet of URLs and without padding") {
  CHECK(to_string(filled(0)) == "AAAAAAAAAAAAAAAAAAAAAA");
  CHECK(to_string(filled(0xff)) == "_____________________w");
  CHECK(to_string(filled(0xfb)) == "-_v7-_v7-_v7-_v7-_v7-w");
  Uuid one;
  one.bytes[15] = 1;
  CHECK(to_string(one) == "AAAAAAAAAAAAAAAAAAAAAQ");  // Kafka's METADATA_TOPIC_ID
  CHECK(parse_uuid("AAAAAAAAAAAAAAAAAAAAAQ") == one);
}

TEST_CASE("Uuid: every bit comes back, and has a text of its own") {
  std::unordered_set<std::string> texts;
  for (size_t bit = 0; bit < 128; bit++) {
    Uuid id;
    id.bytes[bit / 8] = static_cast<unsigned char>(1u << bit % 8);
    CAPTURE(bit);
    CHECK(parse_uuid(to_string(id)) == id);
    CHECK(texts.insert(to_string(id)).second);
    CHECK_FALSE(id.is_zero());
  }
  CHECK(Uuid{}.is_zero());
}

TEST_CASE("Uuid: what is not one's text is none") {
  const std::string good = to_string(filled(0xff));
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "w", good + "==", std::string(22, '='), std::string(22, '+'),
        std::string(22, '/'), std::string(21, 'A') + " ", std::string("00000000-0000-0000-0000-000000000000")}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_uuid(bad));
  }
}

TEST_CASE("Uuid: of the last letter only two bits count, and the others must be none") {
  const std::string head(21, 'A');
  size_t taken = 0;
  for (int c = 0; c < 256; c++) taken += parse_uuid(head + static_cast<char>(c)).has_value();
  CHECK(taken == 4);
  for (char c : {'A', 'Q', 'g', 'w'}) CHECK(to_string(*parse_uuid(head + c)) == head + c);
}
