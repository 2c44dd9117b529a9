#include <csignal>

#include "cmd/broker/process.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"

namespace bobbin::cmd {
namespace {

Result<int> pause(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  if (ids.empty()) return error(Errc::usage, "which broker is to be paused?");
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(cluster));
  BOBBIN_TRY(check_known(ids, brokers));
  for (BrokerId id : ids)
    if (!broker_process(cluster, id).alive)
      return error(Errc::broker_not_available, "broker " + to_string(id) + " does not run");
  for (BrokerId id : ids) {
    BOBBIN_TRY(signal_broker(cluster, id, SIGSTOP));
    notice(arguments, "paused broker " + to_string(id) +
                          "; other brokers take it for dead and kill it when that takes longer than "
                          "broker.session.timeout.ms (6s, if nothing was set); `bobbin broker resume " +
                          to_string(id) + "` lets it go on, or starts it again");
  }
  return exit_done;
}

int run(const Arguments& arguments) {
  auto code = pause(arguments);
  return code ? *code : fail(code.error(), "broker pause");
}

constexpr Example examples[] = {
    {"bobbin broker pause 2", "it hangs, as one whose disk does not answer"},
    {"bobbin broker resume 2", "it goes on"},
};

}  // namespace

extern constinit const Command broker_pause{
    .name = "broker pause",
    .arguments = "ID...",
    .summary = "Stop brokers of the local cluster for a while, as a drill",
    .description =
        "Sends SIGSTOP: the broker lives and does nothing, as one that hangs. A pause that is longer than "
        "broker.session.timeout.ms ends in a fence and SIGKILL by the other brokers, which take its place for the "
        "topics "
        "that have replicas; without other brokers, whoever needs this one waits. broker resume ends the pause.",
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
