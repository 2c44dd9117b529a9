// Counters: how often each fault was made to happen, and at which kinds of storage calls brokers died. A run over many
// seeds that never did one of them has not tested what it says.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "log/memory_world.h"

namespace bobbin::sim {

enum class Event {
  kill,               // between two events
  kill_in_jobs,       // while helpers were in the middle of their work
  crash_at_call,      // in a storage call of the deciding thread or a helper
  crash_in_recovery,  // the same, before the broker was ready
  crash_while_closing,
  power_cut,
  power_cut_after_failed_sync,
  pause,
  disk_full,
  room_again,
  failed_sync,
  failed_sync_dir,
  short_write,
  failed_call,  // any other call said that the disk is broken
  clean_restart,
  clock_forward,
  clock_back,
  long_silence,  // minutes in which nothing happens
  connection_lost,
  start_failed,  // a broker said that it could not start
  several_brokers,
  topic_replicated,
  leader_changed,
  leaders_balanced,  // went back by themselves
  leader_elected,    // because somebody asked for it
  move_begun,        // of a partition, to other brokers
  move_taken_back,
  copy_moved_away,    // and its broker has no place in the partition any more
  log_cut,            // of a follower, where its leader's parts
  killed_by_another,  // that it followed, and that did not answer
  killed_late,        // the same, and it went on for a while
  folder_lost,        // of a broker, with all that it held; of one profile alone
  producer_epoch_raised,
  zombie_refused,
  sent_again,  // a batch was acknowledged that had been sent more than once
  topic_created,
  topic_deleted,
  topic_made_anew,
  partitions_added,
  config_altered,
  tail_lost,            // a power cut took what was promised to nobody
  segment_deleted,      // by retention
  looked_at_elsewhere,  // a compressed batch went to a helper
  position_committed,   // by a member of a group; of one profile alone
  share_told,           // to a member; likewise
  read_in_place,        // a follower read its leader's file
  cold_read,            // what the deciding thread wanted to read was not in memory
  healed,
  count_
};
std::string_view name(Event event);
std::string_view name(test::Call call);

class Counters {
 public:
  void add(Event event) { events_[static_cast<size_t>(event)]++; }
  void add_crash(test::Call call) { crashes_[static_cast<size_t>(call)]++; }
  void add_steps(uint64_t steps) { steps_ += steps; }

  // A table for people.
  std::string text() const;
  // Names of what never happened, and should have in the general profile.
  std::vector<std::string> missing() const;
  bool has(Event event) const { return events_[static_cast<size_t>(event)] > 0; }

 private:
  static constexpr size_t calls_ = static_cast<size_t>(test::Call::sync) + 1;
  std::array<uint64_t, static_cast<size_t>(Event::count_)> events_{};
  std::array<uint64_t, calls_> crashes_{};
  uint64_t steps_ = 0;
};

}  // namespace bobbin::sim
