// Housekeeping: what a broker does from time to time, whether or not anybody asks: retention, a few logs a round, and removing
// files whose delay is over.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "cluster/retention.h"
#include "os/seam.h"

namespace bobbin::broker {

class Housekeeping {
 public:
  // `interval_ms`: of retention, as the settings say now. `retained`: a pass is over, and what it changed is to be flushed.
  Housekeeping(os::World& world, cluster::Retention& retention, std::function<int64_t()> interval_ms,
               std::function<void()> retained)
      : world_(world), retention_(retention), interval_ms_(std::move(interval_ms)), retained_(std::move(retained)) {}

  // A pass begins in the next round, and one more after each interval.
  void begin();
  void run();
  int64_t next_deadline_ms() const;
  // A pass that is under way tells nobody.
  void end() { ended_ = true; }

 private:
  void pass_over(bool complete);

  os::World& world_;
  cluster::Retention& retention_;
  std::function<int64_t()> interval_ms_;
  std::function<void()> retained_;
  int64_t next_retention_ms_ = 0;
  bool is_retaining_ = false, waits_for_logs_ = false;
  std::optional<int64_t> next_removal_ms_;
  bool ended_ = false;
};

}  // namespace bobbin::broker
