// Throttle: how fast copies are made that are not in sync yet, so that a move leaves the disk to others. As in Kafka (KIP-73), a
// leader and a follower each keep to a rate of their own, and what is in sync, or came to be behind without being named, goes
// as fast as it can. Besides what the topic's configs name, each copy that a move makes counts (adding).
//
// What was taken is paid off at the rate; nothing more is taken before that. Used by the deciding thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "metadata/image.h"

namespace bobbin::broker {

class Throttle {
 public:
  static constexpr int64_t none = INT64_MAX;

  void follow(int64_t bytes_a_second) {
    rate_ = bytes_a_second;
    if (!is_on()) debt_ = 0;
  }
  // Else nothing waits, and nobody need ask what counts.
  bool is_on() const { return rate_ != none; }
  // How long nothing more is to be taken, by mono_ms; 0: not at all.
  int64_t wait_ms(int64_t now) const;
  // How much at once, so that no wait becomes long.
  size_t bytes_at_once(size_t bytes_max) const;
  void took(size_t bytes, int64_t now);

 private:
  double left_to_pay(int64_t now) const;

  int64_t rate_ = none;
  double debt_ = 0;  // bytes, at that time
  int64_t at_ms_ = 0;
};

// Whether what that follower takes of the partition counts. `named` is the broker whose throttle it is, and `list` the topic's
// config for its side: Kafka's "PARTITION:BROKER,..." or "*".
bool is_throttled(const metadata::Partition& partition, PartitionId number, BrokerId follower, BrokerId named,
                  std::string_view list);

}  // namespace bobbin::broker
