// PeerChannels: the Uplinks of a process: a Channel to the unix socket of each other broker, watched by the poller that its
// deciding thread sleeps in. What comes back goes to the broker's Peers.
//
// Owned and used by the deciding thread. Its tokens in the poller are those between token_base and twice that.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "broker/replication/uplinks.h"
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

  // Who is told of what comes back, before anything does. `on_lost`: the link is no more.
  struct Handler {
    std::function<void(LinkId, Bytes frame)> on_frame;
    std::function<void(LinkId)> on_lost;
  };
  void serve(Handler handler) { handler_ = std::move(handler); }
  void on_ready(uint64_t token);
  // Sends what was given to send().
  void finish_round();
  // The last round ended with something that the next one has to act on: do not sleep.
  bool has_work() const { return has_told_; }

  std::optional<LinkId> connect(BrokerId to) override;
  void send(LinkId id, std::string frame) override;
  void close(LinkId id) override;

 private:
  struct Link {
    transport::Channel channel;
    int fd;  // in the poller; -1: it is not there any more
    os::Interest interest;
  };
  static bool is_open(const Link& link) { return link.channel.fd() >= 0; }
  void watch(LinkId id, Link& link);
  void unwatch(Link& link);
  // What has come in, and that the channel is closed, if it is.
  void take(LinkId id);
  void drop(std::map<LinkId, Link>::iterator it);

  os::Poller& poller_;
  const home::ClusterDir& dir_;
  Handler handler_;
  uint64_t next_ = 1;
  std::map<LinkId, Link> links_;
  std::vector<LinkId> unsent_;
  bool has_told_ = false;
};

}  // namespace bobbin::broker
