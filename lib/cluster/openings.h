// Openings: logs on their way from their folders. Jobs open them (log/opening.h), a few at once: what a crash left may take
// long. Of two that have the same folder, a deleted topic's and its successor's, one is opened after the other has ended.
//
//   want ──> waiting ──> under way, a job has the folder ──> opened(id, work)
//               │                    │
//               └── abandon(id) ─────┴──> then(): the folder is nobody's any more
//
// Owned by Replicas, used by the deciding thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "cluster/topic_partition.h"
#include "log/open_work.h"
#include "os/seam.h"

namespace bobbin::cluster {

class Openings {
 public:
  // `opened` is told when a job has run; what was opened is there for the taking.
  using Opened = std::function<void(const TopicPartition&, log::OpenWork&)>;
  Openings(os::World& world, log::Files& files, Opened opened)
      : world_(world), files_(files), opened_(std::move(opened)) {}

  // `what` is asked when its turn has come. Nothing happens if it is wanted already.
  void want(const TopicPartition& id, std::string dir, std::function<log::ToOpen()> what);
  bool is_wanted(const TopicPartition& id) const { return wanted_.contains(id); }
  // It is not to be opened any more. `then` runs when no job has its folder: at once, if none has.
  void abandon(const TopicPartition& id, std::function<void()> then);
  bool is_idle() const { return under_way_ == 0 && waiting_.empty(); }

 private:
  static constexpr size_t under_way_max = 8;
  struct Opening {
    TopicPartition id;
    std::string dir;
    std::function<log::ToOpen()> what;
    bool under_way = false;
    std::function<void()> abandoned = {};
  };
  void start();
  void begin(std::shared_ptr<Opening> opening);
  void ended(Opening& opening, log::OpenWork& work);

  os::World& world_;
  log::Files& files_;
  Opened opened_;
  std::map<TopicPartition, std::shared_ptr<Opening>> wanted_;
  std::deque<std::shared_ptr<Opening>> waiting_;
  std::set<std::string> dirs_;  // that jobs have
  size_t under_way_ = 0;
};

}  // namespace bobbin::cluster
