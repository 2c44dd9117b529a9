// Removal: files that are no longer the log's and still there. They go by jobs, so that nobody waits for a disk: first they
// are renamed to NAME.deleted, and removed when file.delete.delay.ms is over, for readers who have just been told of them.
//
//   add -> held, until begin() -> renaming (a job) -> waiting, until due() -> removed (a job)
//                                     |
//                                     '-> failed: take_error() tells, and they have to go before others do
//
// They are held until the disk knows that the log begins behind them: whoever starts after a crash would miss them.
// The files come oldest first, and each segment is gone for good before the next one goes: a power cut that brought back some
// of them would leave a log with a hole, and what lies behind a hole looks as if it had never been promised.
//
// Used by the deciding thread. What its jobs share with it outlives it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/seam.h"

namespace bobbin::log {

class Removal {
 public:
  Removal(os::World& world, std::string dir) : world_(world), dir_(std::move(dir)) {}

  // Whether files are held or being renamed: one after the other.
  bool is_busy() const { return !held_.empty() || state_->renaming; }
  // Not while it is busy.
  void add(std::vector<std::string> paths, int64_t delay_ms);
  // What is held goes, if anything is. The names of newer segments are made durable first: a directory that lost both would
  // have forgotten where its log ends.
  void begin();
  // At once, and without a word if that fails: files that harm nobody.
  void discard(std::vector<std::string> paths);
  // Why the last job could not rename its files, once.
  std::optional<Error> take_error() { return std::exchange(state_->error, std::nullopt); }
  // Removes those whose delay is over. Returns when to call again (mono_ms), or nothing.
  std::optional<int64_t> due(int64_t now_mono_ms);

 private:
  struct State {
    std::deque<std::pair<int64_t, std::string>> files;  // mono_ms, path
    bool renaming = false;
    std::vector<std::string> unfinished;
    std::optional<Error> error;
  };
  os::World& world_;
  std::string dir_;
  std::vector<std::string> held_;
  int64_t delay_ms_ = 0;  // of those that are held
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace bobbin::log
