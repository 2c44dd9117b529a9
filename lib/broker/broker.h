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
#include "broker/client_log.h"
#include "broker/connections.h"
#include "broker/contexts.h"
#include "broker/data/fetch_sessions.h"
#include "broker/durability.h"
#include "broker/groups/coordinators.h"
#include "broker/housekeeping.h"
#include "broker/inspections.h"
#include "broker/listening.h"
#include "broker/metadata_view.h"
#include "broker/producer_ids.h"
#include "broker/purgatory.h"
#include "broker/refusals.h"
#include "broker/registration.h"
#include "broker/replication/isr_upkeep.h"
#include "broker/replication/leader_balance.h"
#include "broker/replication/peers.h"
#include "broker/replication/repairs.h"
#include "broker/replication/succession.h"
#include "broker/replication/throttle.h"
#include "broker/request_memory.h"
#include "broker/requests.h"
#include "broker/turns.h"
#include "cluster/replicas.h"
#include "cluster/retention.h"
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
  std::string boot_id = {};                  // of the machine; empty: unknown
  size_t helpers = 1;                        // how many look at compressed records at once
  size_t inspect_now_bytes_max = 64 << 10;   // compressed records that are not worth a helper: as stored, and unpacked
  uint64_t in_place_bytes_min = 32 << 10;    // less is as quickly sent as read from the file
  std::optional<Timestamp> clock_seen = {};  // the wall time when an earlier life of this broker wrote last
};

// What the broker asks of whoever runs it.
struct BrokerHooks {
  std::function<void(const std::string&)> say;  // a line for its log
  // Listen there from now on ("PLAINTEXT://127.0.0.1:9092" of this very broker; empty: no TCP), also where other machines
  // reach it if `insecure`. `done` gets what is really bound, for clients to connect to; another call drops it. Nobody is
  // let in before the broker serves.
  Listening::Listen listen;
  std::function<void(BrokerId)> kill_broker = [](BrokerId) {};  // the process of one that hangs
  Uplinks* uplinks = nullptr;        // to the other brokers of the cluster; none: there are no others
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

  // No client is connected, since when (mono_ms); in the future until the first one had its time to come.
  std::optional<int64_t> idle_since_ms() const;
  config::BrokerSettings settings() const { return view_.settings(); }

  // --- for who runs it, and looks on ---
  const metadata::Image& image() const { return transactions_.image(); }
  cluster::Replicas& replicas() { return *open_->replicas; }
  Peers* peers() { return open_ && open_->peers ? &*open_->peers : nullptr; }
  Connections& connections() { return connections_; }
  RequestMemory& request_memory() { return request_memory_; }
  BusyClients& busy_clients() { return busy_clients_; }
  void say_of_client(const std::string& line) { client_log_.of_client(line); }
  BrokerEpoch epoch() const { return registration_.epoch(); }

 private:
  // What there is once its folder is open.
  struct Open {
    Open(Broker& broker, std::unique_ptr<cluster::Replicas> opened);
    std::unique_ptr<cluster::Replicas> replicas;
    Durability durability;
    IsrUpkeep isr_upkeep;
    LeaderBalance leader_balance;
    Succession succession;
    Repairs repairs;
    Throttle throttle;  // of what it gives to followers
    std::optional<Peers> peers;
    cluster::Retention retention;
    FetchSessions fetch_sessions;
    Housekeeping housekeeping;
    Coordinators coordinators;
    Contexts contexts;
    Requests requests;
  };
  void open_folder(std::function<void(Status)> ready);
  Status check_folder();
  void register_self(std::function<void(Status)> then);
  void begin_to_serve();
  void image_changed(const metadata::Delta& delta);
  void follow_listeners(const config::BrokerSettings& now);
  void handle_requests(int64_t now);
  bool is_quiet() const;
  void finish_closing();

  os::World& world_;
  Wire& wire_;
  BrokerOptions options_;
  BrokerHooks hooks_;
  metadata::Transactions transactions_;
  MetadataView view_;
  ClientLog client_log_;
  Refusals refusals_;
  Connections connections_;
  Purgatory purgatory_;
  Inspections inspections_;
  RequestMemory request_memory_;
  ProducerIds producer_ids_;
  Registration registration_;
  Listening listening_;
  BusyClients busy_clients_;
  Turns turns_;
  std::string cluster_id_;
  std::optional<Open> open_;
  bool serving_ = false;
  std::optional<int64_t> idle_since_ms_;

  bool closing_ = false;
  bool closed_ = false;
  std::function<void()> on_closed_;
};

}  // namespace bobbin::broker
