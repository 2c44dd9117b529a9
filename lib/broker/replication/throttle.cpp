#include "broker/replication/throttle.h"

#include <algorithm>
#include <cmath>

#include "base/ids.h"
#include "config/configs.h"

namespace bobbin::broker {

namespace {

constexpr double ms_a_second = 1000;
constexpr size_t bytes_at_once_min = 64 << 10;

}  // namespace

double Throttle::left_to_pay(int64_t now) const {
  return std::max(0.0, debt_ - static_cast<double>(rate_) * static_cast<double>(now - at_ms_) / ms_a_second);
}

int64_t Throttle::wait_ms(int64_t now) const {
  if (!is_on()) return 0;
  return static_cast<int64_t>(std::ceil(left_to_pay(now) * ms_a_second / static_cast<double>(rate_)));
}

size_t Throttle::bytes_at_once(size_t bytes_max) const {
  if (rate_ >= static_cast<int64_t>(bytes_max)) return bytes_max;
  return std::max(static_cast<size_t>(rate_), bytes_at_once_min);
}

void Throttle::took(size_t bytes, int64_t now) {
  if (!is_on()) return;
  debt_ = left_to_pay(now) + static_cast<double>(bytes);
  at_ms_ = now;
}

bool is_throttled(const metadata::Partition& partition, PartitionId number, BrokerId follower, BrokerId named,
                  std::string_view list) {
  if (holds(partition.isr, follower)) return false;
  return holds(partition.adding_replicas, follower) || config::names_replica(list, number, named);
}

}  // namespace bobbin::broker
