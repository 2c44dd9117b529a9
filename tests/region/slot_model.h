// A checker of lock-free code: runs small programs in every order, and lets every load return everything that C++ allows.
//
// The memory is that of C++'s release and acquire, as views: a word keeps all values that were ever stored into it, as
// messages, and each thread knows for each word the oldest message that it may still read. A load takes that one or any
// newer; an acquire load also takes over what the message carries, which is all that its thread knew if the store was a
// release, and nothing if it was relaxed. So relaxed stores become visible in any order, and relaxed loads are as old as
// they like. Left out: seq_cst, fences and read-modify-write, which nothing here uses, and a load that returns what a later
// store of its own thread led to, which needs readers that store. A word has one writer at a time: a store by a thread that
// may not know the newest message is a violation.
//
// The code under test is a template over its atomics and runs unchanged with ModelAtomics. A program is a function of what
// its loads returned, so it is unfolded into a tree: a node is the access that it makes next, a child what follows one
// answer. The nodes of all threads together are the state (they say who read from where, and that determines all views),
// so a state is known by its nodes, and is visited once.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace bobbin::region::test {

// Words are named by their addresses; what lies there is neither read nor written.
struct ModelAtomics {
  static uint64_t load(const uint64_t& word, std::memory_order order);
  static void store(uint64_t& word, uint64_t value, std::memory_order order);
};

using Notes = std::vector<uint64_t>;

// For programs: adds to what judge() will be shown.
void note(uint64_t value);

struct Program {
  std::function<void()> run;        // the same accesses and notes whenever its loads return the same
  bool mortal = false;              // may be killed between any two accesses
  std::optional<size_t> heir_of{};  // starts when that program (its place in the list) has ended or was killed
};

// What is wrong with an end of all programs, from the notes of each, or "".
using Judge = std::function<std::string(const std::vector<Notes>&)>;

using WordSet = std::set<const uint64_t*>;

// Faults that are put into the code from outside, so that what is mutated is the code itself.
struct Mutation {
  std::string name;
  WordSet relaxed_stores{};  // stores into these lose their order
  WordSet relaxed_loads{};   // loads of these lose theirs
  // Loads of the word with that order are left out: answered with what the thread loaded or stored there last, 0 at first.
  std::map<const uint64_t*, std::memory_order> skipped{};
  std::map<const uint64_t*, uint64_t*> moved{};  // stores into a word go to another one
  WordSet late{}, late_until{};                  // stores into `late` come right after the next one into `late_until`
};

struct Explored {
  size_t states = 0;
  size_t ends = 0;        // of all programs, as many ways as they differ in who read from where
  std::string violation;  // the first one, with the accesses that led to it; "" if there is none
};

Explored explore(const std::vector<Program>& programs, const Judge& judge, const Mutation& mutation = {});

}  // namespace bobbin::region::test
