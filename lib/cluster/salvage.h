// Salvage (R17): before a broker leads a partition it takes what the best of the other copies has and its own has not. On one
// machine the files of a dead broker can be read: so a record that its leader alone had, acknowledged under acks=1, outlives
// that leader's process. The best copy is the one with the newest epoch at its end, and of these the longest. Where it parts
// from this one, this one is cut first, as a follower's is (following.h). A copy whose records somebody removed is not given up
// for one that ends before them.
//
// One job's look at the others, and what it found. It is made, and its answer used, on the deciding thread; run() anywhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/following.h"
#include "log/other_log.h"

namespace bobbin::cluster {

class SalvageWork {
 public:
  struct Other {
    BrokerId broker;
    std::string dir;  // of its copy
  };
  // `to`: of the broker that is to lead.
  SalvageWork(log::Files& files, const Following& to, std::vector<Other> others);

  // Blocks.
  void run();

  // In which reign it was asked for.
  LeaderEpoch epoch() const { return epoch_; }
  // What is to be done before the next look. None of them: no copy has more.
  const std::optional<log::EpochEnd>& parts_at() const {
    return parts_at_;
  }                                                        // the best copy's answer to our last epoch
  const std::string& batches() const { return batches_; }  // of the best copy, from our end on
  BrokerId best() const { return best_; }
  // A copy could not be looked at.
  const std::optional<Error>& trouble() const { return trouble_; }

 private:
  struct Own {
    Offset end;
    LeaderEpoch last_epoch;
    Offset committed;
    bool is_empty;
  };
  bool is_better(const log::OtherLog& other, const std::optional<log::OtherLog>& best) const;
  Status compare(log::OtherLog& best);

  log::Files files_;
  TopicId topic_;
  bool dense_;
  LeaderEpoch epoch_;
  Own own_;
  std::vector<Other> others_;
  std::optional<log::EpochEnd> parts_at_;
  std::string batches_;
  BrokerId best_ = broker_none;
  std::optional<Error> trouble_;
};

}  // namespace bobbin::cluster
