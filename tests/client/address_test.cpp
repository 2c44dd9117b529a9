#include "client/address.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

TEST_CASE("Address: HOST:PORT as people write it") {
  struct Case {
    const char* text;
    const char* host;
    uint16_t port;
  };
  for (Case c :
       {Case{"localhost:9093", "localhost", 9093}, Case{"localhost", "localhost", 9092}, Case{" a.b:1 ", "a.b", 1},
        Case{"127.0.0.1:65535", "127.0.0.1", 65535}, Case{"[::1]:9094", "::1", 9094}, Case{"[::1]", "::1", 9092}}) {
    auto got = parse_address(c.text);
    INFO(c.text);
    REQUIRE(got);
    CHECK(got->host == c.host);
    CHECK(got->port == c.port);
  }
}

TEST_CASE("Address: what cannot be one says how to write it") {
  for (const char* text : {"", ":9092", "host:", "host:0", "host:65536", "host:99999999999", "host:9a", "[::1",
                           "[::1]9092", "[]:1", "[::1]:", "::1:9092"}) {
    auto got = parse_address(text);
    INFO(text);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::usage);
    CHECK(got.error().message.find("HOST:PORT") != std::string::npos);
  }
}

TEST_CASE("Address: a list of them, with blanks and commas that are too many") {
  auto got = parse_addresses("a:1, b:2,,[::1]:3,");
  REQUIRE(got);
  REQUIRE(got->size() == 3);
  CHECK((*got)[1].host == "b");
  CHECK((*got)[2].port == 3);
  CHECK(parse_addresses("").error().code == Errc::usage);
  CHECK(parse_addresses(" , ").error().code == Errc::usage);
  CHECK(parse_addresses("a:1,b:x").error().code == Errc::usage);
}
