// Broker: the deciding side of a broker process. It owns the partitions that it leads, its view of the metadata, the
// connections and the requests that wait, and changes them on one thread, in rounds:
//
//   events (frames, finished jobs, a changed metadata log) -> handlers -> appends
//   end of round: start flushes, complete what the moved watermarks allow, do what is due
//
// Time, storage, blocking work and the network come in through os::World and Wire, so that tests/sim runs whole clusters
// of Brokers on one thread under a seed. program.h puts one into a process.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/budget.h"
#include "broker/checkpointer.h"
#include "broker/connections.h"
#include "broker/flusher.h"
#include "broker/inspections.h"
#include "broker/purgatory.h"
#include "broker/refusals.h"
#include "broker/seldom.h"
#include "cluster/partitions.h"
#include "home/cluster_dir.h"
#include "metadata/transactions.h"
#include "region/region.h"

namespace bobbin::broker {

struct BrokerOptions {
  BrokerId id;
  home::ClusterDir dir;
  config::ConfigMap static_configs;  // bobbin.toml and --set
  std::string version = {};
  cluster::FilesMax files = {};
  std::string boot_id = {};                 // of the machine; empty: unknown
  size_t helpers = 1;                       // how many look at compressed records at once
  size_t inspect_now_bytes_max = 64 << 10;  // compressed records that are not worth a helper: as stored, and unpacked
};

// What the broker asks of whoever runs it.
struct BrokerHooks {
  std::function<void(const std::string&)> say;  // a line for its log
  // Listen there from now on ("PLAINTEXT://127.0.0.1:9092" of this very broker; empty: no TCP), also where other machines
  // reach it if `insecure`. `done` gets what is really bound, for clients to connect to; another call drops it. Nobody is
  // let in before the broker serves.
  std::function<void(const std::string& listener, bool insecure,
                     std::function<void(Result<std::optional<metadata::Endpoint>>)> done)>
      listen;
  region::Region* region = nullptr;  // where it shows what it leads; none: nowhere
  std::function<void(const config::BrokerSettings&)> settings_changed =
      {};                            // they may have; called before it serves, too
  Budget request_memory = Budget();  // shared with whoever receives requests
};

class Broker {
 public:
  // The caller holds the broker's lock and keeps the rest alive longer than the Broker.
  Broker(os::World& world, Wire& wire, BrokerOptions options, BrokerHooks hooks);
  ~Broker();

  // Reads the metadata, opens the folder, registers. `ready` runs once, when requests can be answered or never will be.
  void start(std::function<void(Status)> ready);

  void on_connected(ConnectionId, const Peer&);
  void on_frame(ConnectionId, Bytes frame);
  void on_disconnected(ConnectionId);
  void on_metadata_changed();  // the metadata log grew; also fine to call when it did not

  // Ends a round: to be called after events were taken in, and at next_deadline_ms().
  void run();
  std::optional<int64_t> next_deadline_ms() const;

  // A last look at retention, then everything closed. Calls `done` when nothing is under way any more.
  void shut_down(std::function<void()> done);
  bool is_closed() const { return closed_; }

  // A client that does not sleep waits for this broker, which then should not sleep either: looking again costs a system
  // call, being woken a hundred times that.
  bool is_awaited_busily(int64_t now_ms);
  region::Region* region() { return hooks_.region; }

  // No client is connected, since when (mono_ms); in the future until the first one had its time to come.
  std::optional<int64_t> idle_since_ms() const;
  config::BrokerSettings settings() const;

  // --- for handlers ---
  os::World& world() { return world_; }
  const BrokerOptions& options() const { return options_; }
  const metadata::Image& image() const { return transactions_.image(); }
  metadata::Transactions& transactions() { return transactions_; }
  // Reads what other brokers changed until now, as far as that can be done; then goes on.
  void look_again(std::function<void()> then);
  // Whether the last such reading succeeded: what is not in the image is not there.
  bool knows_latest_metadata() const { return knows_latest_metadata_; }
  cluster::Partitions& partitions() { return *partitions_; }
  Connections& connections() { return connections_; }
  Purgatory& purgatory() { return purgatory_; }
  Refusals& refusals() { return refusals_; }
  Inspections& inspections() { return inspections_; }
  // What is held of requests that are not answered.
  Budget& request_memory() { return request_memory_; }
  // Small ones are always let in: of each connection one, when there is no room for more.
  bool has_memory_for(size_t bytes) const { return bytes <= small_request_bytes || request_memory_.has_room(bytes); }
  static constexpr size_t small_request_bytes = 16 << 10;
  // The request is handled when there is, and what is behind it on its connection later.
  void wait_for_memory(ConnectionId id, Bytes frame, size_t bytes);
  // So many requests of this connection are not answered that no more are let in.
  bool has_enough_of(ConnectionId id) const {
    return connections_.unanswered(id) >= unanswered_max ||
           (request_memory_.left() == 0 && connections_.unanswered(id) > 0);
  }
  const std::string& cluster_id() const { return cluster_id_; }
  void say(const std::string& line) const { hooks_.say(line); }
  BrokerEpoch epoch() const { return epoch_; }
  // Said once a minute, however often a client asks a full disk again.
  void say_storage_trouble(const std::string& line);
  // What a client did, who may do it a thousand times a second.
  void say_of_client(const std::string& line);

  // Brokers whose process lives, ascending; this one always.
  std::vector<BrokerId> live_brokers();
  bool is_live(BrokerId id);

  // This connection waits without sleeping, at most so long.
  void await_busily(ConnectionId id, int64_t until_ms) { awaited_busily_[id] = until_ms; }

  Wire::Room answer_room(ConnectionId id) { return wire_.answer_room(id); }
  // What a connection had sent away is done.
  void come_back(ConnectionId id);

  // A partition's log grew: it is flushed at the end of the round, and who waits for it is asked.
  void appended(cluster::Partition& partition, size_t bytes);
  void moved(const cluster::TopicPartition& id) { purgatory_.moved(id); }

  // Work of one request that takes long, in pieces: `step` does one, a millisecond or so, and says whether it was the last.
  // The first is done at once, the others each in a round of their own, in turn with those of other requests.
  void in_turns(std::function<bool()> step);

  // The next producer id; `then` runs when there is one (a block of them is taken from the metadata).
  void take_producer_id(std::function<void(Result<ProducerId>)> then);

 private:
  void open_folder(std::function<void(Status)> ready);
  void register_self(std::function<void(Status)> ready);
  void image_changed(const metadata::Delta& delta);
  void say_metadata_trouble(const Error& e);
  void follow_listeners(const config::BrokerSettings& now);
  void listen(std::function<void(bool listens)> then);
  void begin_to_serve();
  void start_flushes();
  void flush_dirty();
  void write_beside(cluster::Partition& partition, Beside beside);
  void flushed(const cluster::TopicPartition& id, Offset end, const Status& status);
  void keep_house(int64_t now);
  void retained(bool complete);
  void take_turn();
  void let_in_waiting();
  void say_refused(ConnectionId id, const Error& why);
  void finish_closing();

  os::World& world_;
  Wire& wire_;
  BrokerOptions options_;
  BrokerHooks hooks_;
  metadata::Transactions transactions_;
  Connections connections_;
  Purgatory purgatory_;
  Refusals refusals_;
  Flusher flusher_;
  Checkpointer checkpointer_;
  Inspections inspections_;
  Budget request_memory_;
  std::unique_ptr<cluster::Partitions> partitions_;
  std::string cluster_id_;
  Uuid incarnation_;
  BrokerEpoch epoch_{-1};
  std::string listener_setting_;
  bool insecure_listen_ = false;
  std::optional<int64_t> next_listen_try_ms_;  // it could not listen there
  int64_t listen_pause_ms_ = 0;
  std::vector<metadata::Endpoint> endpoints_;
  bool serving_ = false;
  bool knows_latest_metadata_ = true;

  ProducerId next_producer_id_{0};
  int64_t producer_ids_left_ = 0;
  bool taking_producer_ids_ = false;
  std::vector<std::function<void(Result<ProducerId>)>> wanting_producer_ids_;

  std::deque<std::function<bool()>> turns_;
  static constexpr size_t unanswered_max = 1000;
  struct WantsMemory {
    ConnectionId connection;
    size_t frame_bytes, bytes;
  };
  std::deque<WantsMemory> wanting_memory_;
  size_t wanting_frames_bytes_ = 0;

  std::vector<cluster::TopicPartition> unflushed_;  // for want of a descriptor
  int64_t next_flush_try_ms_ = 0;

  int64_t next_retention_ms_ = 0;
  bool retention_running_ = false, retention_waits_ = false;  // for logs that are opened
  std::optional<int64_t> next_removal_ms_;
  std::optional<int64_t> idle_since_ms_;
  std::map<ConnectionId, int64_t> awaited_busily_;  // until when (mono_ms)
  size_t busy_clients_ = 0;                         // as shown in the region
  Seldom storage_trouble_{1};
  Seldom of_clients_{10};

  bool closing_ = false;
  bool closed_ = false;
  std::function<void()> on_closed_;
};

}  // namespace bobbin::broker
