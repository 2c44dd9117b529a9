// What members of a group ask of it, and what it answers, apart from how that travels.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/errc.h"

namespace bobbin::group {

// One way to share the work that a member knows: an assignor's name, and what the member tells to whoever computes it.
struct Protocol {
  std::string name;
  std::string metadata;
  bool operator==(const Protocol&) const = default;
};

// Who asks. An empty member_id: it has none yet. `instance_id`: of a static member.
struct Caller {
  std::string member_id;
  std::optional<std::string> instance_id = {};
  int32_t generation = -1;
  // The connection of a process of this machine, which it lives by: when that is closed, it is dead. 0: it may lose a
  // connection and come back.
  uint64_t lifeline = 0;
};

struct Join {
  Caller caller;
  std::string client_id;
  std::string client_host;
  bool is_near = false;  // of this machine: nobody has to be waited for who is still on the way
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = 0;
  std::string protocol_type;
  std::vector<Protocol> protocols;
  bool needs_known_id = false;       // JoinGroup 4 and later: a member without an id gets one, and joins again with it
  bool can_skip_assignment = false;  // JoinGroup 9
};

struct Joined {
  Errc error = Errc::none;
  int32_t generation = -1;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol = {};
  std::string leader = {};
  bool skip_assignment = false;
  std::string member_id = {};
  struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::string metadata;
  };
  std::vector<Member> members = {};  // for the leader alone
};
using JoinDone = std::function<void(Joined)>;

struct Sync {
  Caller caller;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol = {};
  std::vector<std::pair<std::string, std::string>> assignments = {};  // by member id, of the leader alone
};

struct Synced {
  Errc error = Errc::none;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol = {};
  std::string assignment = {};
};
using SyncDone = std::function<void(Synced)>;

using HeartbeatDone = std::function<void(Errc)>;

}  // namespace bobbin::group
