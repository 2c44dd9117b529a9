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
};

#ifdef BOBBIN_MUTANTS
inline std::atomic<int> mutant{0};
inline bool planted(Mutant m) { return mutant.load(std::memory_order_relaxed) == static_cast<int>(m); }
#else
constexpr bool planted(Mutant) { return false; }
#endif

}  // namespace bobbin
