#include "cmd/broker/process.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "local/starter_lock.h"
#include "os/filesystem.h"
#include "os/posix/storage.h"

namespace bobbin::cmd {
namespace {

Status check_known(const std::vector<BrokerId>& ids, const std::vector<BrokerProcess>& brokers) {
  for (BrokerId id : ids) {
    bool known = std::any_of(brokers.begin(), brokers.end(), [&](const BrokerProcess& b) { return b.id == id; });
    if (!known)
      return error(Errc::broker_id_not_registered,
                   "there is no broker " + to_string(id) + " (bobbin broker status shows them)");
  }
  return {};
}

// Written under the starters' lock: whoever is starting a broker at this moment has finished, and the next one sees it.
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

Result<int> stop(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  BOBBIN_TRY_ASSIGN(patience, arguments.duration_ms("timeout"));
  BOBBIN_TRY_ASSIGN(before, broker_processes(cluster));
  BOBBIN_TRY(check_known(ids, before));
  if (before.empty()) {
    notice(arguments, "no broker runs in " + cluster.root);
    return exit_done;
  }
  // An order for one that cannot be asked would be left behind.
  for (const BrokerProcess& b : before)
    if (b.unseen && (ids.empty() || std::find(ids.begin(), ids.end(), b.id) != ids.end())) return *b.unseen;
  // A full or read-only disk cannot keep the order. The brokers end all the same: that is what was asked for.
  Status recorded = record_order(cluster, ids, patience.value_or(30'000));
  if (!recorded && recorded.error().code == Errc::permission_denied) return std::move(recorded).error();
  // Looked at again: one that was being started is there by now.
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(cluster));
  std::vector<BrokerId> ending;
  for (const BrokerProcess& b : brokers)
    if (b.alive && (ids.empty() || std::find(ids.begin(), ids.end(), b.id) != ids.end())) ending.push_back(b.id);
  BOBBIN_TRY_ASSIGN(killed, end_processes(cluster, ending, patience.value_or(30'000)));
  for (BrokerId id : ending) {
    bool hard = std::find(killed.begin(), killed.end(), id) != killed.end();
    notice(arguments, (hard ? "killed broker " : "stopped broker ") + to_string(id) +
                          (hard ? ", which did not end by itself" : ""));
  }
  if (ending.empty()) notice(arguments, "no broker runs in " + cluster.root);
  if (!recorded)
    return std::move(recorded).error().in(
        "the order to stop is not recorded, so that a running command may start brokers again");
  return exit_done;
}

int run(const Arguments& arguments) {
  auto code = stop(arguments);
  return code ? *code : fail(code.error(), "broker stop");
}

constexpr Example examples[] = {
    {"bobbin broker stop", "all; commands that run end, instead of starting them again"},
    {"bobbin broker stop 2", "the second"},
};

}  // namespace

extern constinit const Command broker_stop{
    .name = "broker stop",
    .arguments = "[ID...]",
    .summary = "Stop brokers of the local cluster",
    .description =
        "An order that the cluster keeps: commands that run end with exit code 3 (1, if part of their work was done) "
        "instead of starting the broker again. The next broker start ends the order, and so does a new command when no "
        "broker runs at all.",
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
