#include "client/patience.h"

#include <catch2/catch.hpp>

using namespace bobbin::client;

TEST_CASE("Patience: it runs as the clock does, and stands still while the process is stopped") {
  Patience p(5000);
  CHECK(p.now_ms() == 5000);
  p.tick(5200, 300);  // woken early
  CHECK(p.now_ms() == 5200);
  p.tick(5900, 300);  // a little late: a busy machine
  CHECK(p.now_ms() == 5900);
  p.tick(65'900, 300);  // stopped for a minute
  CHECK(p.now_ms() == 5900 + 300 + 1000);
  p.tick(66'000, 0);
  CHECK(p.now_ms() == 7300);
}

TEST_CASE("Patience: who was to wait for ever is not held back, and a clock that goes back moves nothing") {
  Patience p(0);
  p.tick(100'000, -1);
  CHECK(p.now_ms() == 100'000);
  p.tick(90'000, 10);
  CHECK(p.now_ms() == 100'000);
  p.tick(90'050, 10);
  CHECK(p.now_ms() == 100'050);
}
