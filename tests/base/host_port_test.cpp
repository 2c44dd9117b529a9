#include "base/host_port.h"

#include <catch2/catch.hpp>

using namespace bobbin;

namespace {

// "HOST|PORT", a lone host "HOST", in brackets "[HOST]|PORT"; "-" for none.
std::string parts(std::string_view text) {
  auto found = split_host_port(text);
  if (!found) return "-";
  std::string host(found->host);
  if (found->in_brackets) host = "[" + host + "]";
  return found->port ? host + "|" + std::string(*found->port) : host;
}

}  // namespace

TEST_CASE("HOST:PORT: is cut at the last colon, or behind the bracket") {
  CHECK(parts("localhost:9092") == "localhost|9092");
  CHECK(parts("127.0.0.1:0") == "127.0.0.1|0");
  CHECK(parts("[::1]:9092") == "[::1]|9092");
  CHECK(parts("[fe80::1%eth0]:9092") == "[fe80::1%eth0]|9092");
  CHECK(parts("::1:9092") == "::1|9092");
}

TEST_CASE("HOST:PORT: either may be missing, and the port may be none") {
  CHECK(parts("") == "");
  CHECK(parts("localhost") == "localhost");
  CHECK(parts("[::1]") == "[::1]");
  CHECK(parts(":9092") == "|9092");
  CHECK(parts("localhost:") == "localhost|");
  CHECK(parts("localhost:http") == "localhost|http");
}

TEST_CASE("HOST:PORT: a bracket that is not closed, or followed by something else, is none") {
  CHECK(parts("[::1") == "-");
  CHECK(parts("[::1:9092") == "-");
  CHECK(parts("[::1]9092") == "-");
  CHECK(parts("[::1] :9092") == "-");
}

TEST_CASE("HOST:PORT: is written so that it is read back") {
  CHECK(host_port("localhost", 9092) == "localhost:9092");
  CHECK(host_port("::1", 65535) == "[::1]:65535");
  CHECK(host_port("", 1) == ":1");
}
