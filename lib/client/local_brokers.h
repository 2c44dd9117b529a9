// LocalBrokers: the brokers of a cluster's directory as a client sees them: who lives, how to reach him, and starting again who
// died, unless the cluster was ordered to stop (Errc::stopped).
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/target.h"
#include "client/topology.h"
#include "os/seam.h"
#include "transport/channel.h"

namespace bobbin::client {

class LocalBrokers {
 public:
  struct Hooks {
    std::function<void(BrokerId)> lives_again;  // it can be connected to at once
    std::function<void(const std::string& why)> did_not_start;
  };
  // Both must outlive it.
  LocalBrokers(const Target& target, os::Storage& storage, Hooks hooks)
      : target_(target), storage_(storage), hooks_(std::move(hooks)) {}

  bool is_alive(BrokerId id) const;
  std::vector<BrokerId> living() const;
  // Before anything is sent: who answers is the owner of the directory. Errc::permission_denied: he is not.
  Result<transport::Channel> connect(BrokerId id) const;
  // No broker lives. A command that begins starts them; one that runs does, too, unless that was forbidden meanwhile.
  Status start_first(int64_t now_ms);
  Status revive_all(int64_t now_ms);
  // None of this partition's replicas may live: then they are started again.
  Status need(const std::string& partition_name, const PartitionView& partition, int64_t now_ms);

 private:
  Status revive(BrokerId id);
  void tell(BrokerId id, const Error& why);
  bool is_away(BrokerId id);
  bool is_too_soon(int64_t now_ms);

  const Target& target_;
  os::Storage& storage_;
  Hooks hooks_;
  int64_t not_before_ = 0;
  std::set<BrokerId> told_;  // why these do not run
};

}  // namespace bobbin::client
