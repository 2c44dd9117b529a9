// When the next checkpoint is due: it bounds what a restart has to read again, and costs a sync of every log that was
// written. Where each append is synced anyway (flush.policy=ack) that is nothing; under flush.policy=os it is the only
// sync, which takes the disk's time from those who asked for none, and comes seldom.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace bobbin::broker {

class CheckpointDue {
 public:
  static constexpr int64_t synced_ms = 5000, unsynced_ms = 30'000;
  static constexpr uint64_t synced_bytes = 64u << 20, unsynced_bytes = 1u << 30;

  // So much was appended; `is_synced`: and is being synced.
  void appended(uint64_t bytes, bool is_synced, int64_t now_ms) {
    deadline_ms_ = std::min(deadline_ms_.value_or(INT64_MAX), now_ms + (is_synced ? synced_ms : unsynced_ms));
    bytes_ += bytes;
    if (is_synced) synced_bytes_ += bytes;
  }
  // Nothing: nothing was appended.
  std::optional<int64_t> deadline_ms() const { return deadline_ms_; }
  bool is_due(int64_t now_ms) const {
    return deadline_ms_ && (now_ms >= *deadline_ms_ || synced_bytes_ >= synced_bytes || bytes_ >= unsynced_bytes);
  }
  void begun() { *this = {}; }

 private:
  std::optional<int64_t> deadline_ms_;
  uint64_t bytes_ = 0, synced_bytes_ = 0;
};

}  // namespace bobbin::broker
