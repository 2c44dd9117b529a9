// The processes of a local cluster's brokers, as their locks and state files tell. Nothing here starts one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "home/cluster_dir.h"
#include "os/process.h"

namespace bobbin::cmd {

struct BrokerProcess {
  BrokerId id;
  bool alive = false;                      // its lock is held
  std::optional<home::BrokerFacts> facts;  // as it wrote them, now or in an earlier life
  // Only when it is alive: who holds its lock, is a bobbin, and is ours; found by the facts, or by its socket where
  // they could not be written. Nothing and nobody else is ever signalled.
  std::optional<os::ProcessId> process;
  std::optional<Error> unseen;  // why there is none although somebody answers for it: then it is not to be waited for
};

// Every broker that the cluster has, by id. A missing cluster has none. Errc::permission_denied: it is
// another user's.
Result<std::vector<BrokerProcess>> broker_processes(const home::ClusterDir& cluster);
BrokerProcess broker_process(const home::ClusterDir& cluster, BrokerId id);

// Errc::broker_id_not_registered: the cluster has no such broker.
Status check_known(const std::vector<BrokerId>& ids, const std::vector<BrokerProcess>& brokers);
// Why one of these, or of all if none is named, cannot be asked to end: an order for it would be left behind.
Status check_seen(const std::vector<BrokerId>& ids, const std::vector<BrokerProcess>& brokers);

// The order to stop, of these brokers or, if none is named, of all: written under the starters' lock, so that whoever
// is starting a broker at this moment has finished, and the next one sees it.
Status record_order(const home::ClusterDir& cluster, const std::vector<BrokerId>& ids, int64_t wait_ms);

// Asks these brokers, which commands started, to stay when they are idle, and waits until they say that they do or have
// ended. Errc::no_answer.
Status make_stay(const home::ClusterDir& cluster, const std::vector<BrokerId>& ids, int64_t timeout_ms);

// Asks the processes of these brokers to end (TERM; one that was stopped by Ctrl-Z is woken for it) and waits. Those
// that did not end within timeout_ms are killed: what was acknowledged is safe all the same. Returns those that were
// killed. What others start meanwhile is left alone. Errc::permission_denied; Errc::no_answer: one does not end, or its
// process is none of ours.
Result<std::vector<BrokerId>> end_processes(const home::ClusterDir& cluster, const std::vector<BrokerId>& ids,
                                            int64_t timeout_ms);

// SIGKILL, without a word before. Returns those that there were.
Result<std::vector<BrokerId>> kill_processes(const home::ClusterDir& cluster, const std::vector<BrokerId>& ids);
// Errc::broker_not_available: it does not run. Errc::permission_denied: its process is none of ours.
Status signal_broker(const home::ClusterDir& cluster, BrokerId id, int number);

}  // namespace bobbin::cmd
