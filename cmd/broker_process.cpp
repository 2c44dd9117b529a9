#include "cmd/broker_process.h"

#include <csignal>

#include "broker/program.h"
#include "cmd/cluster.h"
#include "os/posix/storage.h"
#include "os/socket.h"
#include "os/wait.h"

namespace bobbin::cmd {
namespace {

// Sends the signals once, as soon as the broker has said who it is.
class Ending {
 public:
  Ending(const metadata::ClusterDir& cluster, BrokerId id) : cluster_(&cluster), id_(id) {}

  BrokerId id() const { return id_; }
  // The process that was asked is gone with all that it held open; or there was none to ask, and its lock is free.
  bool is_over() {
    if (process_) return os::state(*process_) == os::ProcessState::gone;
    os::PosixStorage storage;
    return !metadata::is_alive(storage, *cluster_, id_);
  }
  Status ask() {
    if (process_) return {};
    BOBBIN_TRY(signal(SIGTERM));
    return signal(SIGCONT);
  }
  Status kill() { return signal(SIGKILL); }

 private:
  Status signal(int number) {
    if (!process_) process_ = broker_process(*cluster_, id_).process;
    if (!process_) return {};
    Status sent = os::send_signal(*process_, number);
    if (!sent && sent.error().code != Errc::not_found) return std::move(sent).error().in("broker " + std::to_string(id_.value));
    return {};
  }

  const metadata::ClusterDir* cluster_;
  BrokerId id_;
  std::optional<os::ProcessId> process_;
};

Status wait_for(std::vector<Ending>& left, int64_t deadline) {
  while (true) {
    std::erase_if(left, [](Ending& e) { return e.is_over(); });
    if (left.empty() || mono_ms() >= deadline) return {};
    for (Ending& e : left) BOBBIN_TRY(e.ask());
    BOBBIN_TRY(os::wait({}, 5));
  }
}

}  // namespace

namespace {

// Who listens at the broker's socket: a full disk kept it from writing its facts.
std::optional<os::ProcessId> listening_process(const metadata::ClusterDir& cluster, BrokerId id) {
  auto socket = os::connect_unix(cluster.broker_socket(id));
  if (!socket) return std::nullopt;
  auto peer = os::peer_credentials(socket->value());
  return peer && peer->pid > 0 ? os::find_process(peer->pid) : std::nullopt;
}

// `facts`: read after it was seen whether it is alive.
BrokerProcess process_of(const metadata::ClusterDir& cluster, BrokerId id, bool alive, const Result<metadata::BrokerFacts>& facts) {
  BrokerProcess broker;
  broker.id = id;
  broker.alive = alive;
  if (facts) {
    broker.facts = *facts;
    auto found = os::find_process(static_cast<int32_t>(facts->pid));
    if (broker.alive && found && found->start_time == static_cast<uint64_t>(facts->start_time)) broker.process = found;
  }
  if (broker.alive && !broker.process) broker.process = listening_process(cluster, id);
  return broker;
}

}  // namespace

BrokerProcess broker_process(const metadata::ClusterDir& cluster, BrokerId id) {
  os::PosixStorage storage;
  bool alive = metadata::is_alive(storage, cluster, id);
  return process_of(cluster, id, alive, metadata::read_facts(storage, cluster, id));
}

Result<std::vector<BrokerProcess>> broker_processes(const metadata::ClusterDir& cluster) {
  os::PosixStorage storage;
  BOBBIN_TRY_ASSIGN(ids, metadata::brokers(storage, cluster));
  std::vector<BrokerProcess> all;
  for (BrokerId id : ids) {
    bool alive = metadata::is_alive(storage, cluster, id);
    auto facts = metadata::read_facts(storage, cluster, id);
    if (!facts && facts.error().code == Errc::permission_denied) return std::move(facts).error();
    all.push_back(process_of(cluster, id, alive, facts));
  }
  return all;
}

Status make_stay(const metadata::ClusterDir& cluster, const std::vector<BrokerId>& ids, int64_t timeout_ms) {
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
        return error(Errc::no_answer, "broker " + std::to_string(id.value) + " does not answer that it stays; `bobbin broker status` tells how it does");
      BOBBIN_TRY(os::wait({}, 1));
    }
  }
  return {};
}

Result<std::vector<BrokerId>> end_processes(const metadata::ClusterDir& cluster, const std::vector<BrokerId>& ids, int64_t timeout_ms) {
  std::vector<Ending> left;
  for (BrokerId id : ids) left.emplace_back(cluster, id);
  BOBBIN_TRY(wait_for(left, mono_ms() + timeout_ms));
  std::vector<BrokerId> killed;
  for (Ending& e : left) {
    BOBBIN_TRY(e.kill());
    killed.push_back(e.id());
  }
  BOBBIN_TRY(wait_for(left, mono_ms() + 5000));
  if (!left.empty()) return error(Errc::no_answer, "broker " + std::to_string(left[0].id().value) + " does not end, not even killed; its disk may hang");
  return killed;
}

}  // namespace bobbin::cmd
