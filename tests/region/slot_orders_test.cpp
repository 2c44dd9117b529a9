// What slot.h promises, over all orders of steps and all loads that C++ permits; and that nothing in it can be left out.
#include <catch2/catch.hpp>

#include <algorithm>

#include "region/slot.h"
#include "region/slot_model.h"

using namespace bobbin;
using namespace bobbin::region;
using namespace bobbin::region::test;
using std::memory_order;

namespace {

// Memory of the model: a table of two slots, and two words besides.
constexpr size_t words = 3;
struct Shared {
  uint64_t claimed = 0;
  Slot<words> slots[2] = {};
  uint64_t bytes = 0;  // stands for what lies in files
  uint64_t flag = 0;   // stands for an answer on a socket
};
Shared shared;
PublishedGroup<words>& group_words = shared.slots[0].group;

constexpr SlotIdentity ann{{11, 12}, 13, 14};
constexpr SlotIdentity bob{{21, 22}, 23, 24};

// Group number n of a slot, and the number that a group has; what is no group is torn.
Group<words> group(uint64_t n) { return {10 * n + 1, 10 * n + 2, 10 * n + 3}; }
constexpr uint64_t none = 0;
constexpr uint64_t torn = 99;
uint64_t number(const std::optional<Group<words>>& seen) {
  if (!seen) return none;
  const uint64_t n = (*seen)[0] / 10;
  return n != 0 && *seen == group(n) ? n : torn;
}

using Writer = SlotWriter<ModelAtomics, words>;
using Reader = SlotReader<ModelAtomics, words>;
Writer writer() { return Writer(shared.claimed, shared.slots); }
Reader reader() { return Reader(shared.claimed, shared.slots); }
std::optional<Group<words>> read_group(int tries) { return read<ModelAtomics>(group_words, tries); }
void publish_group(uint64_t n) { publish<ModelAtomics>(group_words, group(n)); }

void tell() { ModelAtomics::store(shared.flag, 1, memory_order::release); }
bool told() { return ModelAtomics::load(shared.flag, memory_order::acquire) == 1; }

// 0: not there, 1: as claimed, torn: anything else.
uint64_t seen_as(const SlotIdentity& identity, const std::optional<SlotIdentity>& seen) {
  return !seen ? none : *seen == identity ? 1 : torn;
}

struct Scenario {
  std::string promise;
  std::vector<Program> programs;
  Judge judge;
};

bool has(const Notes& notes, uint64_t value) { return std::count(notes.begin(), notes.end(), value) > 0; }

// The large ones last: most mutants are caught before.
const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all{
      {"a writer that is killed leaves its last group",
       {{[] {
           for (uint64_t n = 1; n <= 3; n++) {
             publish_group(n);
             note(n);
           }
         },
         true},
        {[] { note(number(read_group(1))); }, false, 0}},
       [](const std::vector<Notes>& notes) -> std::string {
         return notes[1][0] == (notes[0].empty() ? none : notes[0].back()) ? "" : "lost";
       }},

      {"who sees a group sees what was stored before it",
       {{[] {
          for (uint64_t n = 1; n <= 2; n++) {
            ModelAtomics::store(shared.bytes, n, memory_order::relaxed);
            publish_group(n);
          }
        }},
        {[] {
          note(number(read_group(3)));
          note(ModelAtomics::load(shared.bytes, memory_order::relaxed));
        }}},
       [](const std::vector<Notes>& notes) -> std::string {
         return notes[1][1] < notes[1][0] ? "a group that is ahead of the bytes" : "";
       }},

      {"who was told of a group sees it or a newer one",
       {{[] {
          publish_group(1);
          tell();
          publish_group(2);
        }},
        {[] {
          if (told()) note(number(read_group(2)));
        }}},
       [](const std::vector<Notes>& notes) -> std::string {
         if (has(notes[1], torn)) return "torn";
         return has(notes[1], none) ? "nothing there" : "";
       }},

      {"who sees the count of slots sees their identities, and reads none of another's",
       {{[] {
          Writer w = writer();
          w.claim(ann);
          w.publish(0, group(1));
          w.claim(bob);
          w.publish(1, group(2));
        }},
        {[] {
          const Reader r = reader();
          note(seen_as(bob, r.identity(1)));
          note(seen_as(ann, r.identity(0)));
          note(number(r.read(1, ann)));
          note(number(r.read(0, ann)));
        }}},
       [](const std::vector<Notes>& notes) -> std::string {
         const Notes& seen = notes[1];
         if (has(seen, torn)) return "torn";
         if (seen[0] > seen[1]) return "a slot without the one before it";
         return seen[2] != none ? "another's group" : seen[3] == 2 ? "another's group in one's own" : "";
       }},

      {"who was told of the retirement does not use the slot",
       {{[] {
          Writer w = writer();
          w.claim(ann);
          w.publish(0, group(1));
          w.retire(0);
          tell();
        }},
        {[] {
          if (told()) note(number(reader().read(0, ann)));
        }}},
       [](const std::vector<Notes>& notes) -> std::string {
         return notes[1].empty() || notes[1][0] == none ? "" : "used";
       }},

      {"who sees the retirement sees what took the slot's place",
       {{[] {
          Writer w = writer();
          w.claim(ann);
          w.publish(0, group(1));
          tell();
          w.claim(bob);
          w.publish(1, group(2));
          w.retire(0);
        }},
        {[] {
          if (!told()) return;
          note(number(reader().read(0, ann)));
          note(number(reader().read(1, bob)));
        }}},
       [](const std::vector<Notes>& notes) -> std::string {
         const Notes& seen = notes[1];
         return !seen.empty() && seen[0] == none && seen[1] != 2 ? "nothing in its place" : "";
       }},

      {"a table is as its writer left it when it was killed",
       {{[] {
           Writer w = writer();
           w.claim(ann), note(1);
           w.publish(0, group(1)), note(2);
           w.publish(0, group(2)), note(3);
           w.claim(bob), note(4);
           w.publish(1, group(3)), note(5);
           w.retire(0), note(6);
         },
         true},
        {[] {
           const Reader r = reader();
           note(seen_as(ann, r.identity(0)));
           note(number(r.read(0, ann)));
           note(seen_as(bob, r.identity(1)));
           note(number(r.read(1, bob)));
         },
         false, 0}},
       [](const std::vector<Notes>& notes) -> std::string {
         const uint64_t done = notes[0].size();
         const uint64_t of_ann = done < 2 || done == 6 ? none : done == 2 ? 1 : 2;
         return notes[1] == Notes{done >= 1, of_ann, done >= 4, done >= 5 ? 3u : none} ? "" : "not as it was left";
       }},

      {"a group is whole, and never older than the one before",
       {{[] {
          for (uint64_t n = 1; n <= 4; n++) publish_group(n);
        }},
        {[] {
          for (int i = 0; i < 2; i++)
            if (const uint64_t n = number(read_group(3)); n != none) note(n);
        }}},
       [](const std::vector<Notes>& notes) -> std::string {
         if (has(notes[1], torn)) return "torn";
         return std::is_sorted(notes[1].begin(), notes[1].end()) ? "" : "backwards";
       }},

      {"a group is whole, and never older than the one before, also over a succession",
       {{[] {
           for (uint64_t n = 1; n <= 2; n++) publish_group(n);
         },
         true},
        {[] {
           for (uint64_t n = 3; n <= 4; n++) publish_group(n);
         },
         false, 0},
        {[] {
          for (int i = 0; i < 2; i++)
            if (const uint64_t n = number(read_group(1)); n != none) note(n);
        }}},
       [](const std::vector<Notes>& notes) -> std::string {
         if (has(notes[2], torn)) return "torn";
         return std::is_sorted(notes[2].begin(), notes[2].end()) ? "" : "backwards";
       }},

      {"a successor goes on where a writer was killed, and readers do not notice",
       {{[] {
           Writer w = writer();
           w.claim(ann);
           w.publish(0, group(1));
           w.publish(0, group(2));
         },
         true},
        {[] {
           Writer w = writer();
           const auto slot = w.claim(bob);
           w.publish(*slot, group(3));
           note(seen_as(bob, reader().identity(*slot)));
           note(number(reader().read(*slot, bob)));
         },
         false, 0},
        {[] {
          const Reader r = reader();
          const auto first = r.identity(0);
          note(first && *first != ann && *first != bob ? torn : none);
          note(number(r.read(0, ann, 1)));
        }}},
       [](const std::vector<Notes>& notes) -> std::string {
         if (has(notes[2], torn)) return "torn";
         if (notes[2][1] == 3) return "another's group";
         return notes[1] == Notes{1, 3} ? "" : "the successor's slot is not as it wrote it";
       }},
  };
  return all;
}

WordSet copies_of(size_t word) {
  WordSet set;
  for (auto& slot : shared.slots)
    for (auto& copy : slot.group.copies) set.insert(&copy[word]);
  return set;
}

// Each order of slot.h, and each step whose place matters.
std::vector<Mutation> mutants() {
  auto& [first, second] = shared.slots;
  std::vector<Mutation> all;
  for (size_t word = 0; word < words; word++) {
    const std::string of = " of word " + std::to_string(word) + " of a group";
    all.push_back({.name = "relaxed stores" + of, .relaxed_stores = copies_of(word)});
    all.push_back({.name = "relaxed loads" + of, .relaxed_loads = copies_of(word)});
  }
  const WordSet published{&first.group.published, &second.group.published};
  all.push_back({.name = "relaxed store of published", .relaxed_stores = published});
  all.push_back({.name = "relaxed first load of published", .relaxed_loads = published});
  all.push_back(
      {.name = "no second look at published",
       .skipped = {{&first.group.published, memory_order::relaxed}, {&second.group.published, memory_order::relaxed}}});
  Mutation live{.name = "groups into the copy that is read"};
  WordSet group_stores;
  for (auto& slot : shared.slots) {
    for (size_t copy = 0; copy < 2; copy++) {
      for (size_t word = 0; word < words; word++) {
        live.moved[&slot.group.copies[copy][word]] = &slot.group.copies[1 - copy][word];
        group_stores.insert(&slot.group.copies[copy][word]);
      }
    }
  }
  all.push_back(live);
  all.push_back({.name = "published before the group", .late = group_stores, .late_until = published});

  const WordSet identity{&second.identity.topic[0], &second.identity.topic[1], &second.identity.partition,
                         &second.identity.generation};
  const WordSet claimed{&shared.claimed};
  all.push_back({.name = "relaxed store of claimed", .relaxed_stores = claimed});
  all.push_back({.name = "relaxed load of claimed", .relaxed_loads = claimed});
  all.push_back({.name = "claimed before the identity", .late = identity, .late_until = claimed});

  const WordSet retired{&first.retired};
  all.push_back({.name = "relaxed store of retired", .relaxed_stores = retired});
  all.push_back({.name = "relaxed load of retired", .relaxed_loads = retired});
  all.push_back({.name = "no look at retired", .skipped = {{&first.retired, memory_order::acquire}}});
  return all;
}

}  // namespace

TEST_CASE("Slot: in no order of steps and with no permitted load is a promise broken") {
  for (const Scenario& scenario : scenarios()) {
    const Explored explored = explore(scenario.programs, scenario.judge);
    INFO(scenario.promise << ", " << explored.states << " states: " << explored.violation);
    CHECK(explored.violation.empty());
    CHECK(explored.ends > 1);
  }
}

TEST_CASE("Slot: each weaker order and each step at the wrong place breaks a promise, and each promise can be broken") {
  std::set<std::string> unbroken;
  for (const Scenario& scenario : scenarios()) unbroken.insert(scenario.promise);
  for (const Mutation& mutant : mutants()) {
    bool caught = false;
    for (const Scenario& scenario : scenarios()) {
      if (caught && !unbroken.contains(scenario.promise)) continue;  // nothing to learn
      if (explore(scenario.programs, scenario.judge, mutant).violation.empty()) continue;
      caught = true;
      unbroken.erase(scenario.promise);
    }
    INFO(mutant.name);
    CHECK(caught);
  }
  CHECK(unbroken == std::set<std::string>());
}
