// Peers: the other brokers of the cluster, as this one sees them: a link to each (leader_link.h), and what becomes of one that
// dies. Every broker watches every other one.
//
// The end of a connection is only a hint that a process has died: its lock tells the truth, for the kernel lets go of it when
// the process is gone, and not before. Whoever holds no lock is fenced: the metadata says that it is dead, and who leads in its
// place (metadata/broker_changes.h). Whoever sees it first does that; the others find it done.
//
// Whoever lives and leaves a question without an answer for broker.session.timeout.ms is stopped or hangs: it is fenced, and then
// killed, so that its clients hear of it. Time counts in which this broker looked, step by step: one that was stopped itself
// finds everybody silent, and has to hear nothing for as long once more.
//
// Of whom nothing is asked here, its leaders know: a follower that is behind and asks for nothing is suspected, and asked.
//
// Used by the deciding thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "broker/replication/context.h"
#include "broker/replication/leader_link.h"

namespace bobbin::broker {

class Peers {
 public:
  // `kill`: ends the process of a broker that hangs.
  Peers(const ReplicationContext& context, std::function<void(BrokerId)> kill);

  // What is known of the others, or set, has changed. From the first call on they are watched.
  void follow(const config::BrokerSettings& settings);
  void note_ready(const cluster::TopicPartition& id);
  // It did not do what it should have done since the last look (look_every_ms).
  void suspect(BrokerId id);
  // This broker ends, in order: what it leads is led by others before it is gone, if there are any. `all`: they end, too.
  void end(bool all);

  void on_frame(LinkId id, Bytes frame);
  void on_lost(LinkId id);
  void run();
  std::optional<int64_t> next_deadline_ms() const;

 private:
  struct Peer {
    std::unique_ptr<LeaderLink> link;
    BrokerEpoch epoch;
    int64_t retry_at_ms = 0;        // when it is down
    int64_t retry_ms = 0;           // and how long it was waited for the last time
    int64_t patience_until_ms = 0;  // it may not have been started yet
    bool is_being_fenced = false;
    // Of the question under way.
    std::optional<int32_t> question = {};
    int64_t looked_ms = 0;
    int64_t silent_ms = 0;
  };
  void look_after(BrokerId id, Peer& peer);
  int64_t look_ms() const;
  bool hangs(Peer& peer, int64_t now) const;
  void fence(BrokerId id, Peer& peer, bool is_alive);

  ReplicationContext context_;
  Throttle throttle_;  // of what is copied here
  std::function<void(BrokerId)> kill_;
  int64_t session_timeout_ms_ = 6000;
  std::map<BrokerId, Peer> peers_;
  bool ended_ = false;
};

}  // namespace bobbin::broker
