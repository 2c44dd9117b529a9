#include "base/ids.h"
#include "cmd/broker/process.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"

namespace bobbin::cmd {
namespace {

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
  BOBBIN_TRY(check_seen(ids, before));
  // A full or read-only disk cannot keep the order. The brokers end all the same: that is what was asked for.
  Status recorded = record_order(cluster, ids, patience.value_or(30'000));
  if (!recorded && recorded.error().code == Errc::permission_denied) return std::move(recorded).error();
  // Looked at again: one that was being started is there by now.
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(cluster));
  std::vector<BrokerId> ending;
  for (const BrokerProcess& b : brokers)
    if (b.alive && (ids.empty() || holds(ids, b.id))) ending.push_back(b.id);
  BOBBIN_TRY_ASSIGN(killed, end_processes(cluster, ending, patience.value_or(30'000)));
  for (BrokerId id : ending) {
    bool hard = holds(killed, id);
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
