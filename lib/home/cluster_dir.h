// A cluster is a directory. This is its layout; nobody else spells these names.
//
//   DIR/bobbin.toml                    settings by hand (optional; the program reads it)
//   DIR/starter.lock                   starters of brokers queue here
//   DIR/stopped                        the stop order: lines, each "all" or a broker's id
//   DIR/metadata/.lock                 the metadata lock: who holds it may append to the metadata log
//   DIR/metadata/.durable              how far that log is on the disk (metadata_log.h)
//   DIR/metadata/meta.properties       version=1, cluster.id=<22 characters>
//   DIR/metadata/__cluster_metadata-0/ the metadata log and its snapshots (metadata_log.h)
//   DIR/broker-N/                      Kafka's log directory of broker N: meta.properties, checkpoints, topic-0/ ...; or a link to
//                                      it on another disk (broker_folders.h)
//   DIR/broker-N/.lock                 held by the broker for life: the truth about who lives
//   DIR/broker-N.sock                  its socket
//   DIR/broker-N.log                   what it says
//   DIR/broker-N.state                 what it tells about itself (BrokerFacts), while it runs or as it was
//
// Locks are never deleted. All functions block and may be called by any process.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "os/seam.h"

namespace bobbin::home {

struct ClusterDir {
  std::string root;  // absolute, without a slash at its end, nor symbolic links on its way (os::resolved_dir)

  std::string config_file() const { return root + "/bobbin.toml"; }
  std::string starter_lock() const { return root + "/starter.lock"; }
  std::string stop_order() const { return root + "/stopped"; }
  std::string metadata_dir() const { return root + "/metadata"; }
  std::string metadata_lock() const { return metadata_dir() + "/.lock"; }
  std::string metadata_durable() const { return metadata_dir() + "/.durable"; }
  std::string metadata_properties() const { return metadata_dir() + "/meta.properties"; }
  std::string metadata_log_dir() const { return metadata_dir() + "/__cluster_metadata-0"; }
  std::string broker_dir(BrokerId id) const { return root + "/broker-" + to_string(id); }
  std::string broker_lock(BrokerId id) const { return broker_dir(id) + "/.lock"; }
  std::string broker_socket(BrokerId id) const { return broker_dir(id) + ".sock"; }
  std::string broker_log(BrokerId id) const { return broker_dir(id) + ".log"; }
  std::string broker_facts(BrokerId id) const { return broker_dir(id) + ".state"; }
};

// Where the cluster is: `flag` (--dir), else $BOBBIN_DIR, else $XDG_DATA_HOME/bobbin, else ~/.local/share/bobbin. Empty
// means absent. Relative ones are returned as they are: make them absolute before a process changes its directory.
// Errc::usage if nothing says where.
using Environment = std::function<std::optional<std::string>(const char* name)>;
Result<std::string> choose_dir(const std::optional<std::string>& flag, const Environment& environment);

// Makes the directory, its parents, the metadata folder and a cluster id, or finds them made; all of it is on the disk
// when this returns. The caller holds the starter lock (starter_lock() can be taken after make_root()). Errc::damaged: its
// identity is gone, and brokers' folders are there.
Status make_root(os::Storage&, const ClusterDir&);
Result<std::string> create(os::Storage&, os::Random&, const ClusterDir&);  // returns the cluster id

// Whether there is anything of a cluster: a whole one, one that is being founded, or the rest of one that was removed.
bool has_traces(os::Storage&, const ClusterDir&);

// Errc::not_found: no cluster there.
Result<std::string> cluster_id(os::Storage&, const ClusterDir&);

// Ids of the brokers that the cluster has, ascending; a missing cluster has none. A broker has a folder (a link counts, wherever it
// leads), or had one: what it told and said stays beside it (broker-N.state, broker-N.log).
Result<std::vector<BrokerId>> brokers(os::Storage&, const ClusterDir&);

// Whether the process of this broker lives (stopped or hung ones do).
bool is_alive(os::Storage&, const ClusterDir&, BrokerId);

// Who must not be started by itself. `broker stop` writes it, `broker start` and a command that finds no broker end it.
struct StopOrder {
  bool all = false;
  std::vector<BrokerId> ids;  // ascending
  bool covers(BrokerId id) const;
  bool empty() const { return !all && ids.empty(); }
  bool operator==(const StopOrder&) const = default;
};
Result<StopOrder> read_stop_order(os::Storage&, const ClusterDir&);
Status write_stop_order(os::Storage&, const ClusterDir&, const StopOrder&);  // an empty one removes the file

// What a broker tells about itself, as `key=value` lines. It is a hint unless the broker's lock is held.
struct BrokerFacts {
  int64_t pid = 0;
  int64_t start_time = 0;  // of the process, in the kernel's ticks since boot: pid and start time name a process
  bool started_by_person = false;  // then it stays when idle
  std::string address;             // "127.0.0.1:9092", several with commas, or empty without a listener
  std::string deaf;                // why there is none, though there should be
  std::string version;             // of the program
  // KEY=VALUE of --set, and started_by_person: kept for who starts it again after it died; a broker that ends forgets both.
  std::vector<std::string> settings = {};
  bool open_to_others = false;     // address is one that other machines reach
  std::string pid_namespace = {};  // in which `pid` counts; empty: unknown
  std::string listener = {};       // as it was set, what address or deaf came of: "PLAINTEXT://localhost:9092"
  bool operator==(const BrokerFacts&) const = default;
};
Result<BrokerFacts> read_facts(os::Storage&, const ClusterDir&, BrokerId);  // Errc::not_found
Status write_facts(os::Storage&, const ClusterDir&, BrokerId, const BrokerFacts&);
// What who starts a broker is told of one that is open to others.
std::string open_door_warning(BrokerId, const BrokerFacts&);

}  // namespace bobbin::home
