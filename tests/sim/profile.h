// Profile: of what kind a run is: which brokers and topics there are, and how often each fault happens. `general` has some of
// everything; the others have much of what a rule is for, and what happens there once in ten thousand runs.
#pragma once

#include <cstdint>
#include <string_view>

namespace bobbin::sim {

struct Profile {
  std::string_view name;

  // Of each fault: one in so many steps, in a seed that has it often; 0: never.
  uint64_t kill = 400, kill_in_jobs = 400, crash = 250, power_cut = 400, pause = 250, full = 400, failed_sync = 600,
           failed_write = 700, failed_call = 700, clean = 300, clock = 250, silence = 300, cut_line = 80,
           lost_folder = 0;
  uint64_t pause_ms_max = 6000;
  uint64_t killed_late = 1;  // of two that others kill

  uint64_t step_ms_max = 3;  // how long a step takes

  bool always_three = false;     // brokers, and every topic on each of them; else as the seed says
  size_t brokers = 3;            // or so many, if always
  std::string_view lag_ms = {};  // replica.lag.time.max.ms
  uint64_t min_isr_2 = 2;        // of four topics with three replicas
  uint64_t os = 1;               // of four topics
  uint64_t trims = 1;            // likewise
  uint64_t acks_1 = 1;           // of five producers' streams
  size_t topics_max = 4;
  bool changes_topics = true;  // deletes them, adds partitions
  uint64_t rest_ms_max = 120;  // how long the admin rests after each thing
  int members = 0;             // of groups
  uint64_t moves = 0;          // of twelve things that are done: partitions move to other brokers
};

const Profile* find_profile(std::string_view name);  // nullptr: there is none

}  // namespace bobbin::sim
