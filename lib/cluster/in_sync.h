// InSync: what the leader of a partition knows of its followers in one reign, and what follows from it: how far records are
// committed, who falls out of the isr, and who may come in. It decides nothing about the metadata: the changes it asks for are
// made there, under the lock (metadata/in_sync_changes.h).
//
// Rules:
//   R2   A follower counts by what it fetched in this reign. Whoever has not been heard of in it holds the watermark.
//   R5   The high watermark is the least end of the maximal isr, and moves only while the isr has min.insync.replicas members.
//   R6   The maximal isr is the isr and whoever is being taken in: widened before the metadata is asked, narrowed only when
//        it has answered.
//   R7   It is widened, never computed anew from what is remembered.
//   R8   After an answer, whatever it is, the isr is what the metadata holds.
//   R9   Whoever is taken in has, in this reign, all that is committed, and all that was in the log when the reign began.
//   R10  In the life (broker epoch) in which it fetched that.
//   R21  Nobody is taken in that does not know where the log begins: as a leader it would bring back what was deleted.
//   R20  Until the watermark has reached the end that the log had when the reign began, nobody is taken in that has less, and
//        nobody is told where the log ends (Leading::is_settled).
//
// An end is that of what is on the follower's disk where the flush is what counts: it fetches on from there.
//
// Times are mono_ms. Used by the deciding thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/id.h"

namespace bobbin::cluster {

// Of a partition, as the metadata holds it.
struct InSyncSet {
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
  int32_t min_isr = 1;     // at most as many as there are replicas
  bool is_moving = false;  // to other brokers: its leader has to look whether that is done
};

// Where a follower's log begins: as it knows, and even if it dies now.
struct LogStart {
  Offset known{0}, kept{0};
};

class InSync {
 public:
  // A reign begins; `end`: of the leader's log.
  InSync(BrokerId self, InSyncSet set, Offset end, int64_t now);

  // Where the leader's log ended when the reign began.
  Offset reign_start() const { return reign_start_; }
  // The metadata holds another one, of the same reign.
  void take(InSyncSet set, int64_t now);
  // A question to the metadata was answered: what it holds now was taken before.
  void answered(BrokerId who) { joining_.erase(who); }

  // A follower has everything below `from`, and asks for more; the leader's log ends at `end`. Whether the start that it keeps has
  // moved.
  bool fetched(BrokerId who, BrokerEpoch life, Offset from, Offset end, int64_t now, const LogStart& start = {});
  // What must not be done before the metadata has answered (R6): for a planted bug alone.
  void narrow(BrokerId who) { std::erase(set_.isr, who); }
  // The leader's log has grown.
  void appended(int64_t now);

  // Nothing: it does not move. `own`: how far the leader's own copy counts.
  std::optional<Offset> committed(Offset own) const;
  bool has_enough() const { return set_.isr.size() >= static_cast<size_t>(set_.min_isr); }
  bool is_alone() const { return set_.replicas.size() == 1; }
  bool is_moving() const { return set_.is_moving; }
  bool is_member(BrokerId who) const;
  // Whether it holds the watermark: it is in the maximal isr (R6).
  bool counts(BrokerId who) const { return is_member(who) || joining_.contains(who); }

  // Those of the isr that have been behind for so long; or that are behind, and asked for nothing for so long.
  std::vector<BrokerId> lagging(int64_t now, int64_t lag_ms_max, int64_t silence_ms_max = INT64_MAX) const;

  struct Candidate {
    BrokerId who;
    BrokerEpoch life;
  };
  // Whether that one, which has just asked, may come in: once, until it is answered. From now on it holds the watermark (R6).
  // `start`: of the leader's log.
  std::optional<Candidate> take_candidate(BrokerId who, Offset high_watermark, Offset start = Offset(0));

  // The least of `own` and of the starts that the followers keep which hold the watermark, or live; offset_none: one of them
  // has not been heard of in this reign.
  Offset least_start(Offset own, const std::function<bool(BrokerId)>& lives) const;

  // For people.
  struct Follower {
    std::optional<Offset> end;  // nothing: not heard of in this reign
    std::optional<int64_t> behind_since;
  };
  std::set<BrokerId> followers() const;
  Follower follower(BrokerId who) const;

 private:
  struct Progress {
    BrokerEpoch life{-1};
    std::optional<Offset> end;
    std::optional<int64_t> behind_since;
    int64_t asked_ms = 0;  // when it asked last
    Offset leader_end{0};  // and how far the leader went then
    LogStart start = {offset_none, offset_none};
  };
  BrokerId self_;
  InSyncSet set_;
  Offset reign_start_;
  std::map<BrokerId, Progress> progress_;  // of each other replica
  std::set<BrokerId> joining_;
};

}  // namespace bobbin::cluster
