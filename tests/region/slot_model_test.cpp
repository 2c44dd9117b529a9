// The checker itself, on the small programs whose outcomes everybody knows.
#include <catch2/catch.hpp>

#include "region/slot_model.h"

using namespace bobbin::region::test;
using std::memory_order;

namespace {

uint64_t x, y;

void store(uint64_t& word, uint64_t value, memory_order order = memory_order::relaxed) {
  ModelAtomics::store(word, value, order);
}
void load(const uint64_t& word, memory_order order = memory_order::relaxed) { note(ModelAtomics::load(word, order)); }

// What all programs together can have noted.
std::set<Notes> outcomes(const std::vector<Program>& programs) {
  std::set<Notes> all;
  const Judge collect = [&](const std::vector<Notes>& notes) -> std::string {
    Notes flat;
    for (const Notes& of_one : notes) flat.insert(flat.end(), of_one.begin(), of_one.end());
    all.insert(flat);
    return "";
  };
  CHECK(explore(programs, collect).violation.empty());
  return all;
}

std::set<Notes> message_passing(memory_order stored, memory_order loaded) {
  return outcomes({{[=] { store(x, 1), store(y, 1, stored); }}, {[=] { load(y, loaded), load(x); }}});
}

}  // namespace

TEST_CASE("Slot model: a message is passed by release and acquire, and by nothing less") {
  const std::set<Notes> all{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  CHECK(message_passing(memory_order::relaxed, memory_order::relaxed) == all);
  CHECK(message_passing(memory_order::release, memory_order::relaxed) == all);
  CHECK(message_passing(memory_order::relaxed, memory_order::acquire) == all);
  CHECK(message_passing(memory_order::release, memory_order::acquire) == std::set<Notes>{{0, 0}, {0, 1}, {1, 1}});
}

TEST_CASE("Slot model: two threads that store, then look, may miss each other") {
  const auto one = [](uint64_t& mine, uint64_t& other) {
    return Program{[&] { store(mine, 1, memory_order::release), load(other, memory_order::acquire); }};
  };
  CHECK(outcomes({one(x, y), one(y, x)}) == std::set<Notes>{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
}

TEST_CASE("Slot model: one word never goes backwards") {
  CHECK(outcomes({{[] { store(x, 1), store(x, 2); }}, {[] { load(x), load(x); }}}) ==
        std::set<Notes>{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}});
}

TEST_CASE("Slot model: what was seen before a release is passed on by it") {
  static uint64_t z;
  const auto seen = outcomes({{[] { store(x, 1, memory_order::release); }},
                              {[] {
                                if (ModelAtomics::load(x, memory_order::acquire) == 1)
                                  store(y, 1, memory_order::release);
                              }},
                              {[] { load(y, memory_order::acquire), load(x), load(z); }}});
  CHECK(seen == std::set<Notes>{{0, 0, 0}, {0, 1, 0}, {1, 1, 0}});
}

TEST_CASE("Slot model: a program is killed after each of its steps, and its heir sees all of them") {
  CHECK(outcomes({{[] { store(x, 1), store(y, 1); }, true}, {[] { load(x), load(y); }, false, 0}}) ==
        std::set<Notes>{{0, 0}, {1, 0}, {1, 1}});
}

TEST_CASE("Slot model: a word that two store into at once is a violation") {
  const std::vector<Program> both{{[] { store(x, 1); }}, {[] { store(x, 2); }}};
  const auto content = [](const std::vector<Notes>&) { return std::string(); };
  CHECK(explore(both, content).violation.find("a store by one who does not know the last") == 0);
}
