#include <catch2/catch.hpp>

#include "base/crc32c.h"
#include "base/errc.h"
#include "base/uuid.h"
#include "base/varint.h"

using namespace bobbin;

TEST_CASE("crc32c: the check value of the polynomial, whole and in pieces") {
  CHECK(crc32c("123456789") == 0xe3069283u);
  CHECK(crc32c("6789", crc32c("12345")) == 0xe3069283u);
  CHECK(crc32c("") == 0);
}

TEST_CASE("varint: sizes and round trips at every edge") {
  for (int shift = 0; shift < 64; shift++)
    for (int64_t d : {-1, 0, 1}) {
      int64_t v = static_cast<int64_t>((uint64_t{1} << shift) + static_cast<uint64_t>(d));
      std::string s;
      append_varint(s, v);
      CHECK(s.size() == varint_size(v));
      int64_t back = 0;
      CHECK(get_varint(s.data(), s.data() + s.size(), back) == s.data() + s.size());
      CHECK(back == v);
      CHECK(get_varint(s.data(), s.data() + s.size() - 1, back) == nullptr);
    }
  int64_t v;
  std::string too_long(11, '\xff');
  CHECK(get_varint(too_long.data(), too_long.data() + 11, v) == nullptr);
}

TEST_CASE("uuid: text and back") {
  Uuid id;
  for (size_t i = 0; i < 16; i++) id.bytes[i] = static_cast<unsigned char>(i * 37);
  std::string text = to_string(id);
  CHECK(text.size() == 22);
  CHECK(parse_uuid(text) == id);
  CHECK(to_string(Uuid{}) == "AAAAAAAAAAAAAAAAAAAAAA");
  CHECK_FALSE(parse_uuid("AAAAAAAAAAAAAAAAAAAAAB"));
  CHECK_FALSE(parse_uuid("short"));
}

TEST_CASE("Errc: an answer's number that would be one of ours is an unknown error") {
  CHECK(errc_from_wire(0) == Errc::none);
  CHECK(errc_from_wire(-1) == Errc::unknown_server_error);
  CHECK(errc_from_wire(3) == Errc::unknown_topic_or_partition);
  CHECK(static_cast<int16_t>(errc_from_wire(9999)) == 9999);
  for (int16_t ours :
       {int16_t{-2}, static_cast<int16_t>(Errc::damaged), static_cast<int16_t>(Errc::disconnected), int16_t{INT16_MIN}})
    CHECK(errc_from_wire(ours) == Errc::unknown_server_error);
}
