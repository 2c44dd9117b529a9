// Member: one member of a group, and what it waits for.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "group/answers.h"

namespace bobbin::group {

inline size_t bytes_of(const std::vector<Protocol>& protocols) {
  size_t sum = 0;
  for (const Protocol& p : protocols) sum += sizeof(Protocol) + p.name.size() + p.metadata.size();
  return sum;
}

struct Member {
  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  uint64_t lifeline = 0;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = 0;
  std::vector<Protocol> protocols;
  std::string assignment;
  bool is_new = false;  // it has not been told of its first generation

  JoinDone joining = {};        // answered when all have joined
  SyncDone syncing = {};        // when the leader has said who gets what
  HeartbeatDone parked = {};    // when there is news, or
  int64_t parked_until_ms = 0;  // the time is over
  bool has_synced = false;      // in this generation
  int64_t expires_ms = 0;       // while it waits for nothing

  bool waits() const { return joining || syncing || parked; }
  const std::string* metadata_for(const std::string& protocol) const {
    for (const Protocol& p : protocols)
      if (p.name == protocol) return &p.metadata;
    return nullptr;
  }
  size_t bytes() const {
    return sizeof(Member) + id.size() + client_id.size() + client_host.size() + assignment.size() + bytes_of(protocols);
  }
};

}  // namespace bobbin::group
