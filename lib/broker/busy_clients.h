// BusyClients: connections that wait without sleeping, for a while. A broker that is awaited so should not sleep either:
// looking again costs a system call, being woken a hundred times that.
#pragma once

#include <cstdint>
#include <map>

#include "broker/connections.h"
#include "region/region.h"

namespace bobbin::broker {

class BusyClients {
 public:
  // `region` shows how many there are; none: nowhere.
  explicit BusyClients(region::Region* region) : region_(region) {}

  void add(ConnectionId id, int64_t until_ms) { until_ms_[id] = until_ms; }
  void forget(ConnectionId id) { until_ms_.erase(id); }
  bool any(int64_t now_ms) {
    std::erase_if(until_ms_, [&](const auto& waiting) { return waiting.second <= now_ms; });
    if (region_ && until_ms_.size() != shown_) region_->show_busy_clients(until_ms_.size());
    shown_ = until_ms_.size();
    return shown_ > 0;
  }

 private:
  region::Region* region_;
  std::map<ConnectionId, int64_t> until_ms_;
  size_t shown_ = 0;
};

}  // namespace bobbin::broker
