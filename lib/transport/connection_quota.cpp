#include "transport/connection_quota.h"

#include <algorithm>

namespace bobbin::transport {

bool ConnectionQuota::tcp_may_come(int64_t now_ms) {
  ask_again_ms_.reset();
  const size_t for_tcp = places_ - std::min(places_, local_places_);
  if (tcp_ >= for_tcp || tcp_ + unix_ >= std::min(places_, static_cast<size_t>(limits_.all_max))) return false;
  if (now_ms - second_began_ms_ >= 1000) {
    second_began_ms_ = now_ms;
    came_this_second_ = 0;
  }
  if (came_this_second_ < limits_.a_second_max) return true;
  ask_again_ms_ = second_began_ms_ + 1000;
  return false;
}

bool ConnectionQuota::take_tcp(const std::string& ip) {
  came_this_second_++;  // those that are closed at once have come, too
  size_t& of_ip = by_ip_[ip];
  if (of_ip >= static_cast<size_t>(limits_.per_ip_max)) {
    if (of_ip == 0) by_ip_.erase(ip);
    return false;
  }
  of_ip++;
  tcp_++;
  return true;
}

bool ConnectionQuota::take_unix() {
  if (tcp_ + unix_ >= places_) return false;
  unix_++;
  return true;
}

void ConnectionQuota::give_back_tcp(const std::string& ip) {
  tcp_--;
  auto it = by_ip_.find(ip);
  if (--it->second == 0) by_ip_.erase(it);
}

}  // namespace bobbin::transport
