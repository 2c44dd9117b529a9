#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>

#include "broker/named_once.h"

using namespace bobbin::broker;

namespace {

NamedOnce once(const std::vector<std::string>& names) {
  return named_once(names.size(), [&](size_t i) { return std::string_view(names[i]); });
}

std::vector<bool> repeatedly(const std::vector<std::string>& names) {
  return named_repeatedly(names.size(), [&](size_t i) { return std::string_view(names[i]); });
}

}  // namespace

TEST_CASE("NamedOnce: each thing once, in the order of its first naming, with its last one") {
  auto named = once({"b", "a", "b", "c", "a", "b"});
  CHECK(named.first == std::vector<size_t>{0, 1, 3});
  CHECK(named.last == std::vector<size_t>{5, 4, 3});
  CHECK(named.repeated == std::vector<bool>{true, true, false});
  CHECK(once({}).first.empty());
  CHECK(once({"x"}).repeated == std::vector<bool>{false});
  CHECK(repeatedly({"b", "a", "b", "c", "a", "b"}) == std::vector<bool>{true, true, true, false, true, true});
  CHECK(repeatedly({}).empty());
}

TEST_CASE("NamedOnce: the same as counting them, for names of any kind and number") {
  unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; round++) {
    std::vector<std::string> names(random() % 60);
    size_t kinds = random() % 40 + 1;
    for (auto& name : names) name = std::to_string(random() % kinds);
    std::map<std::string, std::vector<size_t>> places;
    for (size_t i = 0; i < names.size(); i++) places[names[i]].push_back(i);
    auto named = once(names);
    REQUIRE(named.first.size() == places.size());
    CHECK(std::is_sorted(named.first.begin(), named.first.end()));
    for (size_t i = 0; i < named.first.size(); i++) {
      const auto& at = places.at(names[named.first[i]]);
      CHECK((at.front() == named.first[i] && at.back() == named.last[i] && (at.size() > 1) == named.repeated[i]));
    }
    auto repeated = repeatedly(names);
    for (size_t i = 0; i < names.size(); i++) CHECK(repeated[i] == (places.at(names[i]).size() > 1));
  }
}

TEST_CASE("NamedOnce: a hundred thousand times the same name is compared a few times each") {
  std::vector<std::string> names(100'000, "the same");
  size_t looked = 0;
  auto named = named_once(names.size(), [&](size_t i) {
    looked++;
    return std::string_view(names[i]);
  });
  CHECK((named.first == std::vector<size_t>{0} && named.last == std::vector<size_t>{99'999}));
  CHECK(looked < 100'000 * 100);
}

TEST_CASE("NamedOnce: names that are long and begin alike are hardly compared") {
  std::vector<std::string> names;
  for (int i = 0; i < 100'000; i++) names.push_back(std::string(100, '0') + std::to_string(i * 7919 % 100'003));
  size_t looked = 0;
  auto key_of = [&](size_t i) {
    looked++;
    return std::tie(names[i], names[i]);
  };
  CHECK(named_once(names.size(), key_of).first.size() == names.size());
  CHECK(looked < 5 * names.size());
  looked = 0;
  const auto repeated = named_repeatedly(names.size(), key_of);
  CHECK(std::none_of(repeated.begin(), repeated.end(), [](bool is) { return is; }));
  CHECK(looked < 5 * names.size());
}
