#include "cmd/broker/process.h"

#include <csignal>

#include "base/ids.h"
#include "broker/program.h"
#include "cmd/cluster.h"
#include "local/starter_lock.h"
#include "os/filesystem.h"
#include "os/posix/storage.h"
#include "os/socket.h"
#include "os/wait.h"

namespace bobbin::cmd {
namespace {

// Sends the signals once, as soon as the broker has said who it is.
class Ending {
 public:
  Ending(const home::ClusterDir& cluster, BrokerId id) : cluster_(&cluster), id_(id) {}

  BrokerId id() const { return id_; }
  std::string lock() const { return cluster_->broker_lock(id_); }
  // The process that was asked is gone with all that it held open; or there was none to ask, and its lock is free.
  bool is_over() {
    if (process_) return os::state(*process_) == os::ProcessState::gone;
    os::PosixStorage storage;
    return !home::is_alive(storage, *cluster_, id_);
  }
  Status ask() {
    if (process_) return {};
    BOBBIN_TRY(signal(SIGTERM));
    return signal(SIGCONT);
  }
  Status kill() { return signal(SIGKILL); }
  bool is_asked() const { return process_.has_value(); }

 private:
  Status signal(int number) {
    if (!process_) {
      BrokerProcess broker = broker_process(*cluster_, id_);
      if (broker.unseen) return *broker.unseen;
      process_ = broker.process;
    }
    if (!process_) return {};
    Status sent = os::send_signal(*process_, number);
    if (!sent && sent.error().code != Errc::not_found) return std::move(sent).error().in("broker " + to_string(id_));
    return {};
  }

  const home::ClusterDir* cluster_;
  BrokerId id_;
  std::optional<os::ProcessId> process_;
};

std::vector<Ending> endings(const home::ClusterDir& cluster, const std::vector<BrokerId>& ids) {
  std::vector<Ending> all;
  for (BrokerId id : ids) all.emplace_back(cluster, id);
  return all;
}

Status wait_for(std::vector<Ending>& left, int64_t deadline) {
  while (true) {
    std::erase_if(left, [](Ending& e) { return e.is_over(); });
    if (left.empty() || mono_ms() >= deadline) return {};
    for (Ending& e : left) BOBBIN_TRY(e.ask());
    BOBBIN_TRY(os::wait({}, 5));
  }
}

// Those that there are, and waits until they are gone. Returns which these were.
Result<std::vector<BrokerId>> kill_all(std::vector<Ending> left) {
  std::vector<BrokerId> killed;
  for (Ending& e : left) {
    BOBBIN_TRY(e.kill());
    if (e.is_asked()) killed.push_back(e.id());
  }
  BOBBIN_TRY(wait_for(left, mono_ms() + 5000));
  if (left.empty()) return killed;
  std::string who = "broker " + std::to_string(left[0].id().value);
  if (!left[0].is_asked())
    return error(Errc::no_answer,
                 who + " was not asked to end: its lock (" + left[0].lock() +
                     ") is held, but by no process that is a bobbin of this user here; fuser(1) tells by whom");
  return error(Errc::no_answer, who + " does not end, not even killed; its disk may hang");
}

}  // namespace

namespace {

// A file may tell of any process, and anybody who may write to the directory put it there: this one is a bobbin of ours
// (or, for root, of the cluster's owner), and holds the lock of this broker.
bool is_broker(const home::ClusterDir& cluster, BrokerId id, os::ProcessId process) {
  auto user = os::user_of(process);
  const uint32_t self = os::current_uid();
  auto owner = os::owner_of(cluster.root);
  bool is_ours = user && (*user == self || (self == 0 && owner && *user == *owner));
  return is_ours && os::runs_program(process, "bobbin") && os::holds_lock(process, cluster.broker_lock(id));
}

Error not_seen(BrokerId id) {
  return error(
      Errc::permission_denied,
      "broker " + to_string(id) +
          " runs where its process is not seen from here (another container or PID namespace): end it from there");
}

// Who listens at the broker's socket: a full disk kept it from writing its facts.
Result<os::ProcessId> listening_process(const home::ClusterDir& cluster, BrokerId id) {
  BOBBIN_TRY_ASSIGN(socket, os::connect_unix(cluster.broker_socket(id)));
  BOBBIN_TRY_ASSIGN(peer, os::peer_credentials(socket.value()));
  std::string who = "broker " + to_string(id);
  if (peer.pid <= 0) return not_seen(id);
  auto found = os::find_process(peer.pid);
  if (os::self_process().start_time == 0)
    return error(
        Errc::permission_denied,
        who + " (pid " + std::to_string(peer.pid) +
            ") cannot be told from other processes where /proc is not mounted: mount it, or end it from elsewhere");
  if (found && is_broker(cluster, id, *found)) return *found;
  return error(Errc::permission_denied, who + ": process " + std::to_string(peer.pid) + " of uid " +
                                            std::to_string(peer.uid) + " answers at " + cluster.broker_socket(id) +
                                            ", which is no bobbin of this user that holds its lock: left alone");
}

std::optional<os::ProcessId> told_process(const home::BrokerFacts& facts) {
  auto found = os::find_process(static_cast<int32_t>(facts.pid));
  return found && found->start_time == static_cast<uint64_t>(facts.start_time) ? found : std::nullopt;
}

// `facts`: read after it was seen whether it is alive.
BrokerProcess process_of(const home::ClusterDir& cluster, BrokerId id, bool alive,
                         const Result<home::BrokerFacts>& facts) {
  BrokerProcess broker;
  broker.id = id;
  broker.alive = alive;
  if (facts) broker.facts = *facts;
  if (!alive) return broker;
  if (facts) broker.process = told_process(*facts);
  if (broker.process && is_broker(cluster, id, *broker.process)) return broker;
  broker.process.reset();
  auto listening = listening_process(cluster, id);
  if (listening) broker.process = *listening;
  else if (listening.error().code == Errc::permission_denied) broker.unseen = listening.error();
  else if (facts && !facts->pid_namespace.empty() && facts->pid_namespace != os::pid_namespace())
    broker.unseen = not_seen(id);
  return broker;
}

}  // namespace

BrokerProcess broker_process(const home::ClusterDir& cluster, BrokerId id) {
  os::PosixStorage storage;
  bool alive = home::is_alive(storage, cluster, id);
  return process_of(cluster, id, alive, home::read_facts(storage, cluster, id));
}

Result<std::vector<BrokerProcess>> broker_processes(const home::ClusterDir& cluster) {
  os::PosixStorage storage;
  BOBBIN_TRY_ASSIGN(ids, home::brokers(storage, cluster));
  std::vector<BrokerProcess> all;
  for (BrokerId id : ids) {
    bool alive = home::is_alive(storage, cluster, id);
    auto facts = home::read_facts(storage, cluster, id);
    if (!facts && facts.error().code == Errc::permission_denied) return std::move(facts).error();
    all.push_back(process_of(cluster, id, alive, facts));
  }
  return all;
}

Status check_known(const std::vector<BrokerId>& ids, const std::vector<BrokerProcess>& brokers) {
  for (BrokerId id : ids) {
    bool known = std::any_of(brokers.begin(), brokers.end(), [&](const BrokerProcess& b) { return b.id == id; });
    if (!known)
      return error(Errc::broker_id_not_registered,
                   "there is no broker " + to_string(id) + " (bobbin broker status shows them)");
  }
  return {};
}

Status check_seen(const std::vector<BrokerId>& ids, const std::vector<BrokerProcess>& brokers) {
  for (const BrokerProcess& b : brokers)
    if (b.unseen && (ids.empty() || holds(ids, b.id))) return *b.unseen;
  return {};
}

Status record_order(const home::ClusterDir& cluster, const std::vector<BrokerId>& ids, int64_t wait_ms) {
  os::PosixStorage storage;
  BOBBIN_TRY_ASSIGN(lock, local::take_starter_lock(storage, cluster, wait_ms));
  (void)lock;
  BOBBIN_TRY_ASSIGN(order, home::read_stop_order(storage, cluster));
  if (ids.empty()) order = home::StopOrder{true, {}};
  else if (!order.all) order.ids.insert(order.ids.end(), ids.begin(), ids.end());
  std::sort(order.ids.begin(), order.ids.end());
  order.ids.erase(std::unique(order.ids.begin(), order.ids.end()), order.ids.end());
  BOBBIN_TRY(home::write_stop_order(storage, cluster, order));
  return os::give_to_owner_of(cluster.root, cluster.stop_order());
}

Status make_stay(const home::ClusterDir& cluster, const std::vector<BrokerId>& ids, int64_t timeout_ms) {
  int64_t deadline = mono_ms() + timeout_ms;
  for (BrokerId id : ids) {
    std::optional<os::ProcessId> asked;
    while (true) {
      BrokerProcess broker = broker_process(cluster, id);
      if (!broker.process || !broker.facts || broker.facts->started_by_person) break;
      if (asked != broker.process) {
        asked = broker.process;
        Status sent = os::send_signal(*asked, broker::stay_signal);
        if (!sent && sent.error().code != Errc::not_found) return sent;
      }
      if (mono_ms() >= deadline)
        return error(Errc::no_answer, "broker " + to_string(id) +
                                          " does not answer that it stays; `bobbin broker status` tells how it does");
      BOBBIN_TRY(os::wait({}, 1));
    }
  }
  return {};
}

Result<std::vector<BrokerId>> end_processes(const home::ClusterDir& cluster, const std::vector<BrokerId>& ids,
                                            int64_t timeout_ms) {
  std::vector<Ending> left = endings(cluster, ids);
  BOBBIN_TRY(wait_for(left, mono_ms() + timeout_ms));
  return kill_all(std::move(left));
}

Result<std::vector<BrokerId>> kill_processes(const home::ClusterDir& cluster, const std::vector<BrokerId>& ids) {
  return kill_all(endings(cluster, ids));
}

Status signal_broker(const home::ClusterDir& cluster, BrokerId id, int number) {
  const BrokerProcess broker = broker_process(cluster, id);
  if (broker.unseen) return *broker.unseen;
  if (!broker.process) return error(Errc::broker_not_available, "broker " + to_string(id) + " does not run");
  if (Status sent = os::send_signal(*broker.process, number); !sent)
    return Error(sent.error()).in("broker " + to_string(id));
  return {};
}

}  // namespace bobbin::cmd
