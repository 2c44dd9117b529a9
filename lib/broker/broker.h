// Broker: the deciding side of a broker process. It owns the partitions that it leads, its view of the metadata, the
// connections and the requests that wait, and changes them on one thread, in rounds:
//
//   events (frames, finished jobs, a changed metadata log) -> handlers -> appends
//   end of round: start flushes, complete what the moved watermarks allow, do what is due
//
// Time, storage, blocking work and the network come in through os::World and Wire, so that tests/sim runs whole clusters
// of Brokers on one thread under a seed. program.h puts one into a process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/budget.h"
#include "broker/busy_clients.h"
#include "broker/checkpointer.h"
#include "broker/connections.h"
#include "broker/flusher.h"
#include "broker/housekeeping.h"
#include "broker/inspections.h"
#include "broker/listening.h"
#include "broker/producer_ids.h"
#include "broker/purgatory.h"
#include "broker/refusals.h"
#include "broker/request_memory.h"
#include "broker/seldom.h"
#include "broker/turns.h"
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
  Listening::Listen listen;
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
  RequestMemory& request_memory() { return request_memory_; }
  ProducerIds& producer_ids() { return producer_ids_; }
  Turns& turns() { return turns_; }
  BusyClients& busy_clients() { return busy_clients_; }
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

  Wire::Room answer_room(ConnectionId id) { return wire_.answer_room(id); }
  // What a connection had sent away is done.
  void come_back(ConnectionId id);

  // A partition's log grew: it is flushed at the end of the round, and who waits for it is asked.
  void appended(cluster::Partition& partition, size_t bytes);
  void moved(const cluster::TopicPartition& id) { purgatory_.moved(id); }

 private:
  void open_folder(std::function<void(Status)> ready);
  void register_self(std::function<void(Status)> ready);
  Status put_off_registration(Status failed);
  void register_if_due(int64_t now);
  void image_changed(const metadata::Delta& delta);
  void say_metadata_trouble(const Error& e);
  void follow_listeners(const config::BrokerSettings& now);
  void begin_to_serve();
  void start_flushes();
  void flush_dirty();
  void write_beside(cluster::Partition& partition, Beside beside);
  void flushed(const cluster::TopicPartition& id, Offset end, const Status& status);
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
  RequestMemory request_memory_;
  ProducerIds producer_ids_;
  Listening listening_;
  Housekeeping housekeeping_;
  BusyClients busy_clients_;
  Turns turns_;
  std::unique_ptr<cluster::Partitions> partitions_;
  std::string cluster_id_;
  Uuid incarnation_;
  BrokerEpoch epoch_{-1};
  std::optional<int64_t> next_registration_ms_;  // the disk was full
  bool serving_ = false;
  bool knows_latest_metadata_ = true;

  std::vector<cluster::TopicPartition> unflushed_;  // for want of a descriptor
  int64_t next_flush_try_ms_ = 0;

  std::optional<int64_t> idle_since_ms_;
  Seldom storage_trouble_{1};
  Seldom of_clients_{10};

  bool closing_ = false;
  bool closed_ = false;
  std::function<void()> on_closed_;
};

}  // namespace bobbin::broker
