// Peers: the brokers that a session knows, the connections to those that it needs, and the calls that wait for any of them
// or are over. Whom it connects to, and how, is said from above; when it may again, it knows.
//
// Times are the session's patient milliseconds.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/call.h"
#include "client/patience.h"
#include "client/peer.h"
#include "client/target.h"
#include "client/topology.h"
#include "os/wait.h"
#include "transport/channel.h"

namespace bobbin::client {

class Peers {
 public:
  using Connect = std::function<Result<transport::Channel>(const Peer&)>;
  // All three must outlive it.
  Peers(const Target& target, const Topology& topology, const Patience& patience, Connect connect)
      : target_(target), topology_(topology), patience_(patience), connect_(std::move(connect)) {}

  // A broker whose id nobody knows.
  void add(Address address) { peers_.push_back(std::make_unique<Peer>(any_node, std::move(address))); }
  // After a new picture of the cluster: a broker that it does not tell of is forgotten, unless something is still to be
  // heard from it.
  void adopt_addresses();

  // Its connection for data; nullptr: it is not ready. any_node: the one that has least to do.
  Connection* ready(BrokerId node) const;
  bool is_lost(BrokerId node) const;
  void want(BrokerId node) { peer(node).want(); }
  void want_all();
  // Calls wait for any broker, and none is ready.
  bool needs_any() const { return !waiting_.empty() && !ready(any_node); }
  // Whatever went wrong before: its process has just begun.
  void retry_at_once(BrokerId node) {
    for (auto& p : peers_)
      if (p->id() == node) p->retry_at_once();
  }
  // Connects to those that are wanted and had their pause. Errc::permission_denied: the cluster is somebody else's.
  Status connect_due();

  void send(Call call);
  // Sends what the sockets take now.
  void flush();
  // Puts a descriptor for each at the end, to be told to advance() before anything else happens.
  void watch(std::vector<os::WaitFd>& fds) const;
  // Reads and writes what can be done, and ends what has taken too long.
  void advance(std::span<const os::WaitFd> fds);
  // When something is to be done although no socket says so; INT64_MAX: never.
  int64_t due_ms() const;
  // Calls what is done.
  void tell_finished();

  // --- for people ---
  void note_trouble(const std::string& why) { trouble_ = why; }
  // Names what was the trouble last.
  Error nobody_answered() const;
  // "broker 2"; empty: nobody in particular.
  std::string awaited() const;

 private:
  struct Waiting {
    Call call;
    int64_t deadline = 0;
  };

  bool is_local() const { return target_.bootstrap.empty(); }
  int64_t deadline_of(const Call& call) const;
  Peer& peer(BrokerId node, Lane lane = Lane::data);
  Status connect(Peer& peer);
  void advance(Peer& peer);
  void lose(Peer& peer, const Error& why);
  void submit(Peer& peer, Call call);
  void place_waiting();
  void expire();
  const Peer* read_alone() const;

  const Target& target_;
  const Topology& topology_;
  const Patience& patience_;
  Connect connect_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::deque<Waiting> waiting_;  // for any broker
  std::vector<Finished> finished_;
  std::string trouble_;  // the last reason why nobody could be reached
};

}  // namespace bobbin::client
