#include <catch2/catch.hpp>
#include <vector>

#include "broker/seldom.h"

using bobbin::broker::Seldom;

TEST_CASE("Seldom: a few lines a minute are said, the others are counted") {
  Seldom seldom(2);
  std::vector<std::string> said;
  auto out = [&](const std::string& line) { said.push_back(line); };
  for (int i = 0; i < 5; i++) seldom.say(1000 + i, "a", out);
  CHECK(said == std::vector<std::string>{"a", "a"});
  seldom.say(61'000, "b", out);
  seldom.say(61'001, "c", out);
  seldom.say(61'002, "d", out);
  CHECK(said == std::vector<std::string>{"a", "a", "b (3 lines like this were left out)", "c"});
  seldom.say(200'000, "e", out);
  CHECK(said.back() == "e (1 lines like this were left out)");
}
