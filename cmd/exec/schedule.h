// Schedule: the records that wait for a command, and which of them may have one now.
//
// Records of one key of one partition, and those of a partition that have none, stand in a lane: one after the other, while
// lanes do not wait for each other. The lane whose first record came first has its turn first. A turn takes one record, or a
// batch of them:
//
//   waiting ── next() ──> running ── succeeded() ──> the records behind it
//      ^                     │
//      └── its pause is over ┤ failed(): again
//      └── at once, half of ─┤ failed(): smaller, a batch that has no attempts left
//                            └ failed(): dead, one record that has none left ── buried() ──> the records behind it
//
// Knows neither commands nor clocks.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "cmd/exec/backoff.h"
#include "cmd/exec/owned_record.h"

namespace bobbin::cmd {

// Never used again: of a lane that is gone nothing is known.
using LaneId = uint64_t;

class Schedule {
 public:
  struct Rules {
    int retries = 3;
    Backoff backoff = {};
    size_t records_max = 64;       // that wait, with those that run
    size_t bytes_max = 64 << 20;   // of them; a single one may be larger
    size_t batch_records_max = 1;  // of one turn
    size_t batch_bytes_max = 1 << 20;
    bool by_key = true;  // else each partition is one lane
  };
  explicit Schedule(Rules rules) : rules_(rules) {}

  void add(OwnedRecord record);
  bool is_full() const { return records_ >= rules_.records_max || bytes_ >= rules_.bytes_max; }
  bool is_idle() const { return lanes_.empty(); }
  size_t records() const { return records_; }

  struct Turn {
    LaneId lane;
    int attempt;                              // 1: the first
    std::vector<const OwnedRecord*> records;  // until its lane is told how it ended
  };
  std::optional<Turn> next(int64_t now_ms);
  // When a pause is over; INT64_MAX: there is none.
  int64_t due_ms() const { return pauses_.empty() ? INT64_MAX : pauses_.begin()->first; }

  // How a turn ended. What is told of a lane that is gone is nothing.
  // The records that are done by that.
  std::vector<OwnedRecord> succeeded(LaneId lane);
  struct Failed {
    enum class Then { nothing, again, smaller, dead };
    Then then = Then::nothing;
    int64_t pause_ms = 0;
    int attempts = 0;
    const OwnedRecord* record = nullptr;  // the first of the turn, until buried() or the next turn's end
  };
  Failed failed(LaneId lane, int64_t now_ms);
  std::vector<OwnedRecord> buried(LaneId lane) { return succeeded(lane); }
  // It did not end by itself: it counts as not begun.
  void withdrawn(LaneId lane);

  // From now on only so much is done that in each partition nothing that is done lies behind something that is not: what
  // is not needed for that is dropped. add() is over.
  void wind_down();
  // Drops what waits; what runs is awaited.
  void drop_waiting();
  // Nothing of this is known any more.
  void forget();

 private:
  using Name = std::tuple<client::Place, bool, std::string>;  // with a key or without
  struct Lane {
    Name name;
    std::deque<OwnedRecord> records;
    std::deque<uint64_t> numbers = {};  // of the records, in the order in which they all came
    size_t running = 0;                 // of the first ones
    int failures = 0;                   // of the turn that is next
    size_t batch_max = 1;
    std::optional<int64_t> pause_until = {};
  };
  Lane* find(LaneId id);
  void wait_for_turn(LaneId id, const Lane& lane);
  void leave_line(LaneId id, const Lane& lane);
  size_t batch_of(const Lane& lane) const;
  void drop_behind(LaneId id, size_t kept);
  void trim();

  Rules rules_;
  uint64_t lanes_made_ = 0, records_seen_ = 0;
  std::map<LaneId, Lane> lanes_;  // none is empty
  std::map<Name, LaneId> names_;
  std::set<std::pair<uint64_t, LaneId>> line_;   // who waits for a turn, by the number of its first record
  std::set<std::pair<int64_t, LaneId>> pauses_;  // who waits for the end of a pause
  size_t records_ = 0, bytes_ = 0;
  std::map<client::Place, Offset> ends_;  // the last that is done
  bool is_winding_down_ = false;
};

}  // namespace bobbin::cmd
