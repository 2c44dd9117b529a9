// Planted bugs, for the tests of the tests: a build with BOBBIN_MUTANTS can be told at run time to do one thing
// wrong, and simulation must find it. Other builds have none of this.
#pragma once

#ifdef BOBBIN_MUTANTS
#include <atomic>
#endif

namespace bobbin {

enum class Mutant : int {
  none,
  ack_before_sync,      // the broker counts appended bytes as durable
  forget_epoch_check,   // a producer's older epoch is let in
  cut_too_much,         // recovery cuts one good batch more
  cut_too_little,       // recovery keeps a tail whose checksum is wrong
  skip_dir_sync,        // new names are not made durable
  lose_producer_state,  // nothing is remembered of producers after an open
  let_overtake,         // what is behind a batch that is looked at elsewhere does not wait for it
  remove_untold,        // segments go before the disk knows that the log begins behind them

  // Rules of replication (cluster/in_sync.h, cluster/following.h, metadata/partition_change.h).
  believe_old_leaders,    // R1: whoever says that it leads changes the isr
  count_other_reigns,     // R2: what a follower asks in another reign counts in this one
  keep_progress,          // R2: what was heard of followers in the reign before counts
  take_from_old_reigns,   // R3: a follower takes an answer to a question of another reign
  answer_other_reigns,    // R3: a leader answers questions of another reign
  never_part,             // R4: a leader never says that a follower's log parts from its own
  cut_to_watermark,       // R4: a follower whose log parts is cut to its high watermark
  keep_what_was_deleted,  // R4: it keeps what lies before its leader's log
  commit_own_end,         // R5: the watermark is the end of the leader's copy
  commit_below_min,       // R5: it moves however few are in sync
  append_below_min,       // R5: acks=all is appended however few are in sync
  widen_late,             // R6: whoever comes in holds the watermark only when the metadata has answered
  narrow_early,           // R6: whoever is put out is not waited for, before the metadata has answered
  forget_joining,         // R7: whoever comes in takes the place of another one who does
  roll_back,              // R8: after an answer the isr is what the leader remembers
  join_behind,            // R9: who has what is committed here comes in, whatever was there when the reign began
  join_in_any_life,       // R10: the life that has fetched everything may be over
  forget_eligible,        // R11: nobody is eligible
  keep_last_in_sync,      // R11: the last one never leaves the isr
  keep_eligible,          // R11: somebody is eligible, however many are in sync
  trust_lost_folder,      // R12: whose folder is gone stays in sync and eligible
  ask_before_sync,        // R13: a follower asks on, and so acknowledges, before its flush
  cut_committed,          // R14, I9: a follower cuts what a leader said was committed
  same_reign,             // R15: a leader that begins another life goes on in its reign
  same_life,              // R18: a broker that begins another life keeps its broker epoch
  ack_other_reigns,       // R19: what was appended in another reign is acknowledged
  tell_unsettled,         // R20: it is told where the log ends before the watermark is there
  stay_in_sync,           // whoever is fenced stays in sync
  move_without_all,       // a move is done before everybody who is wanted is in sync
  move_in_same_reign,     // R2: who has no copy any more goes without a new reign

  // Of the metadata log.
  believe_undurable,  // a broker takes in what its writer may take back
  keep_torn_tail,     // the next writer appends behind what a crash has torn
  skip_read_repair,   // it does not make durable what the one before it left
  tell_before_sync,   // a change is told before it is on the disk

  // Of groups.
  tell_unpromised,   // what is written of a group is told before it is promised
  serve_unpromised,  // groups are served before what was read of them is promised
  remove_unwritten,  // what is written anew is removed before the new is promised
};

#ifdef BOBBIN_MUTANTS
inline std::atomic<int> mutant{0};
inline bool planted(Mutant m) { return mutant.load(std::memory_order_relaxed) == static_cast<int>(m); }
#else
constexpr bool planted(Mutant) { return false; }
#endif

}  // namespace bobbin
