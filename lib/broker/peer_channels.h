// PeerChannels: the Uplinks of a process: a Channel to the unix socket of each other broker, watched by the poller that its
// deciding thread sleeps in. What comes back goes to the broker's Peers.
//
// Owned and used by the deciding thread. Its tokens in the poller are those between token_base and twice that.
#pragma once

#include <map>
#include <vector>

#include "broker/broker.h"
#include "home/cluster_dir.h"
#include "os/poller.h"
#include "transport/channel.h"

namespace bobbin::broker {

class PeerChannels final : public Uplinks {
 public:
  static constexpr uint64_t token_base = uint64_t{1} << 61;
  static bool owns(uint64_t token) { return token >= token_base && token < 2 * token_base; }

  PeerChannels(os::Poller& poller, const home::ClusterDir& dir) : poller_(poller), dir_(dir) {}
  ~PeerChannels() override;

  // Before anything comes back. The broker ends first.
  void serve(Broker& broker) { broker_ = &broker; }
  void on_ready(uint64_t token);
  // Sends what was given to send().
  void finish_round();

  std::optional<LinkId> connect(BrokerId to) override;
  void send(LinkId id, std::string frame) override;
  void close(LinkId id) override;

 private:
  struct Link {
    transport::Channel channel;
    int fd;  // in the poller
    os::Interest interest;
  };
  void watch(LinkId id, Link& link);
  void drop(std::map<LinkId, Link>::iterator it);

  os::Poller& poller_;
  const home::ClusterDir& dir_;
  Broker* broker_ = nullptr;
  uint64_t next_ = 1;
  std::map<LinkId, Link> links_;
  std::vector<LinkId> unsent_;
};

}  // namespace bobbin::broker
