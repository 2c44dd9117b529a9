#include "base/ids.h"
#include "cmd/broker/process.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"

namespace bobbin::cmd {
namespace {

Result<int> kill(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  if (ids.empty()) return error(Errc::usage, "which broker is to be killed?");
  BOBBIN_TRY_ASSIGN(patience, arguments.duration_ms("timeout"));
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(cluster));
  BOBBIN_TRY(check_known(ids, brokers));
  BOBBIN_TRY(check_seen(ids, brokers));
  // Else a command that needs it would start it again at once.
  BOBBIN_TRY(record_order(cluster, ids, patience.value_or(30'000)));
  BOBBIN_TRY_ASSIGN(killed, kill_processes(cluster, ids));
  for (BrokerId id : ids) {
    const bool was_there = holds(killed, id);
    notice(arguments, was_there ? "killed broker " + to_string(id) + "; `bobbin broker start` starts it again"
                                : "broker " + to_string(id) + " does not run");
  }
  return exit_done;
}

int run(const Arguments& arguments) {
  auto code = kill(arguments);
  return code ? *code : fail(code.error(), "broker kill");
}

constexpr Example examples[] = {
    {"bobbin broker kill 2", "and see in another terminal who leads: bobbin topic describe orders"},
};

}  // namespace

extern constinit const Command broker_kill{
    .name = "broker kill",
    .arguments = "ID...",
    .summary = "Kill brokers of the local cluster, as a drill",
    .description =
        "Sends SIGKILL: the broker has no time to hand over or to write anything. Other brokers take its place for the "
        "topics that have replicas. As with broker stop, running commands do not start it again: broker start does.",
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
