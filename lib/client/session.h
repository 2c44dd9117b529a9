// Session: a command's conversation with a cluster, local (a unix socket for each broker of a directory) or over TCP.
// It keeps one connection to each broker it needs (peers.h) and the picture of the cluster (cluster_view.h), and has brokers
// of this machine started (local_brokers.h). One thread and no background work: everything moves inside wait().
//
// Requests to one broker are answered in the order in which they were made. A request lives until its answer, the loss
// of its connection (Errc::disconnected) or its time-out (Errc::no_answer, and the connection is dropped, as nothing
// that follows on it could be trusted to be timely); `done` is called exactly once, inside wait(), never inside send().
// Sending again is the business of the caller, who knows what may be done twice.
//
// On a local cluster a broker that died is started again when the caller says that it is needed (need()), unless the
// cluster was ordered to stop: then everything ends with Errc::stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/call.h"
#include "client/cluster_view.h"
#include "client/local_brokers.h"
#include "client/patience.h"
#include "client/peers.h"
#include "client/target.h"
#include "os/wait.h"
#include "region/region.h"
#include "transport/frame_memory.h"

namespace bobbin::os {
class Clock;
class Random;
class Storage;
}  // namespace bobbin::os

namespace bobbin::client {

class Session {
 public:
  // Connects to a living broker; starts one where the target allows it and none lives. Blocks, at most about
  // target.timeout_ms without progress. Errc::no_answer, stopped, usage (an address that cannot be one), damaged.
  static Result<std::unique_ptr<Session>> open(Target target);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Target& target() const { return target_; }
  // From now on this patient: a produce that was connected waits longer than one that never was.
  void set_timeout_ms(int64_t ms) { target_.timeout_ms = ms; }
  void set_busy(bool busy) { target_.busy = busy; }
  bool is_local() const { return target_.bootstrap.empty(); }
  const Topology& topology() const { return view_.topology(); }
  // Grows with every Metadata answer.
  uint64_t topology_version() const { return view_.version(); }
  os::Clock& clock() { return *clock_; }
  // See patience.h.
  int64_t now_ms() const { return patience_.now_ms(); }
  os::Random& random() { return *random_; }
  os::Storage& storage() { return *storage_; }

  // Begins a request. It waits for the connection if there is none yet.
  void send(Call call) { peers_.send(std::move(call)); }
  // Whether a request to this broker would leave at once. Begins to connect if not.
  bool is_ready(BrokerId node);
  // Whether it could not be reached the last time, or its connection has ended since.
  bool is_lost(BrokerId node) const { return peers_.is_lost(node); }
  bool is_alive(BrokerId broker) const { return local_.is_alive(broker); }  // of the local cluster: its process runs
  // Shared memory for what will be part of a large request to this broker; nothing: it takes none, or is not connected.
  std::optional<transport::FrameMemory::Piece> take_memory(BrokerId node, size_t bytes);
  // What this broker shows in shared memory; nullptr: nothing, or it is not connected.
  std::shared_ptr<const region::RegionView> region(BrokerId node);

  // Asks for the topics that were ever fetched again: soon, not more often than is polite. topology_version() tells when it came.
  void refresh_metadata() { view_.refresh(); }
  // Blocks until the topology of these topics is there (each with its error), at most timeout_ms without progress.
  Status fetch_metadata(const std::vector<std::string>& topics);

  // The caller needs this partition's leader and does not get hold of it. On a local cluster a dead leader whose
  // partition has no other living replica is started again, unless a stop order covers it (Errc::stopped).
  Status need(const std::string& topic, PartitionId partition);

  // One poll over all connections and `also` (in which it sets what happened), at most wait_ms (-1: until something
  // happens), then reads, writes, and calls what is done. Returns early whenever anything happened.
  // Errc::stopped: the cluster was ordered to stop and no broker is left. Errc::no_answer: no broker could be reached
  // for target.timeout_ms though requests wait for one.
  // A session that is busy also returns as soon as `is_news` says so.
  Status wait(std::span<os::WaitFd> also, int64_t wait_ms, const std::function<bool()>& is_news = {});

  // Sends what the sockets take now, and nothing else.
  void flush() { peers_.flush(); }

  // What is awaited, for a person ("broker 2, which does not answer"); empty: nothing in particular.
  std::string awaited() const { return peers_.awaited(); }

 private:
  explicit Session(Target target);
  Status start();
  Status want_any();
  Status keep_connected();
  int64_t poll_ms(int64_t wait_ms) const;
  Status sleep(int64_t sleep_ms, const std::function<bool()>& is_news);

  Target target_;
  std::unique_ptr<os::Clock> clock_;
  std::unique_ptr<os::Random> random_;
  std::unique_ptr<os::Storage> storage_;
  bool opened_ = false;

  Patience patience_;
  ClusterView view_;
  LocalBrokers local_;
  Peers peers_;
  std::vector<os::WaitFd> fds_;
};

}  // namespace bobbin::client
