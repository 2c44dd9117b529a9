// Stage: what all actors of one simulated run share: the clock, the seed's random numbers, the disk, what is written
// down for people, and the first thing that went wrong.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "log/memory_world.h"
#include "sim/counters.h"

namespace bobbin::sim {

class Stage {
 public:
  Stage(uint64_t seed, Counters& count, bool tracing)
      : random(seed), cold_random(~seed), disk(clock), counters(count), tracing_(tracing) {}

  bool chance(uint64_t n, uint64_t of) { return random.below(of) < n; }
  uint64_t between(uint64_t low, uint64_t high) { return low + random.below(high - low + 1); }

  // A line of the trace; `line` is asked for its text only if somebody wants to read it.
  template <class Line>
  void note(Line line) {
    steps_noted_++;
    if (tracing_) trace_.push_back(std::to_string(clock.mono) + " ms  " + line());
  }
  const std::vector<std::string>& trace() const { return trace_; }
  uint64_t notes() const { return steps_noted_; }  // the same for the same seed

  // The run ends with the first of these.
  void violate(const std::string& what) {
    if (!violation_) violation_ = what;
    note([&] { return "VIOLATION: " + what; });
  }
  const std::optional<std::string>& violation() const { return violation_; }

  test::ManualClock clock;
  test::SeededRandom random;
  test::SeededRandom cold_random;  // of its own: other runs of a seed stay as they are
  test::MemoryStorage disk;
  Counters& counters;
  uint64_t power_cuts = 0;

 private:
  bool tracing_;
  uint64_t steps_noted_ = 0;
  std::vector<std::string> trace_;
  std::optional<std::string> violation_;
};

}  // namespace bobbin::sim
