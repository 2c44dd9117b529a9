#include "transport/send_queue.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/bytes.h"
#include "os/socket.h"

namespace bobbin::transport {

void SendQueue::push(std::string frame) {
  bytes_ += frame.size();
  frames_.push_back(std::move(frame));
}

void SendQueue::pass_with_next(int descriptor) {
  if (!to_pass_) to_pass_ = {frames_.size(), descriptor};
}

void SendQueue::clear() {
  frames_.clear();
  begin_ = bytes_ = 0;
  to_pass_.reset();
}

Result<bool> SendQueue::send_some(int fd) {
  bool any = false;
  while (!frames_.empty()) {
    Bytes parts[64];
    size_t count = std::min(frames_.size(), std::size(parts));
    bool passes = to_pass_ && to_pass_->first == 0;
    if (to_pass_) count = passes ? 1 : std::min(count, to_pass_->first);
    size_t offered = 0;
    for (size_t i = 0; i < count; i++) {
      parts[i] = frames_[i];
      if (i == 0) parts[i].remove_prefix(begin_);
      offered += parts[i].size();
    }
    BOBBIN_TRY_ASSIGN(sent, passes ? os::send_with(fd, parts[0], to_pass_->second)
                                   : os::send(fd, std::span<const Bytes>(parts, count)));
    if (!sent) return any;
    if (passes) to_pass_.reset();
    any = true;
    bytes_ -= *sent;
    begin_ += *sent;
    while (!frames_.empty() && begin_ >= frames_.front().size()) {
      begin_ -= frames_.front().size();
      frames_.pop_front();
      if (to_pass_) to_pass_->first--;
    }
    if (*sent < offered) return any;
  }
  return any;
}

}  // namespace bobbin::transport
