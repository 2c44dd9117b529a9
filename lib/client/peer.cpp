#include "client/peer.h"

#include <algorithm>
#include <utility>

#include "client/patience.h"

namespace bobbin::client {

namespace {
constexpr int64_t retry_pause_ms_max = 1000;  // up to which it doubles
}  // namespace

int64_t Peer::due_ms() const {
  if (connection_) return connection_->deadline().value_or(INT64_MAX);
  return is_wanted() ? not_before_ : INT64_MAX;
}

std::deque<Call> Peer::answered() {
  pause_ms_ = 0;
  return std::exchange(pending_, {});
}

std::deque<Call> Peer::lost(int64_t now) {
  connection_.reset();
  wanted_ = false;
  pause_ms_ = std::clamp(pause_ms_ * 2, retry_pause_ms, retry_pause_ms_max);
  not_before_ = now + pause_ms_;
  return std::exchange(pending_, {});
}

}  // namespace bobbin::client
