#include <csignal>

#include "cmd/broker/process.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "local/starter.h"
#include "os/process.h"

namespace bobbin::cmd {
namespace {

// Those that are dead by now.
Result<std::vector<BrokerId>> let_go_on(const Arguments& arguments, const home::ClusterDir& cluster,
                                        const std::vector<BrokerId>& ids) {
  std::vector<BrokerId> dead;
  for (BrokerId id : ids) {
    const BrokerProcess now = broker_process(cluster, id);
    if (!now.alive) {
      dead.push_back(id);
      continue;
    }
    const bool was_paused = now.process && os::state(*now.process) == os::ProcessState::stopped;
    BOBBIN_TRY(signal_broker(cluster, id, SIGCONT));
    notice(arguments, "broker " + to_string(id) + (was_paused ? " goes on" : " runs, and was not paused"));
  }
  return dead;
}

Result<int> resume(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  if (ids.empty()) return error(Errc::usage, "which broker is to go on?");
  BOBBIN_TRY_ASSIGN(patience, arguments.duration_ms("timeout"));
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(cluster));
  BOBBIN_TRY(check_known(ids, brokers));
  BOBBIN_TRY_ASSIGN(dead, let_go_on(arguments, cluster, ids));
  if (dead.empty()) return exit_done;
  local::StartOptions options;
  options.by_person = true;
  if (patience) options.timeout_ms = *patience;
  options.say = [&arguments](const std::string& line) { notice(arguments, line); };
  BOBBIN_TRY_ASSIGN(started, local::start(cluster.root, dead, options));
  Report report;
  for (const local::Started& one : started) {
    if (!one.status) {
      report.failed(Error(one.status.error()).in("broker " + to_string(one.id)));
      continue;
    }
    report.done();
    notice(arguments, "broker " + to_string(one.id) + " was dead, and runs again");
  }
  return report.exit_code();
}

int run(const Arguments& arguments) {
  auto code = resume(arguments);
  return code ? *code : fail(code.error(), "broker resume");
}

constexpr Example examples[] = {
    {"bobbin broker resume 2", "after bobbin broker pause 2"},
};

}  // namespace

extern constinit const Command broker_resume{
    .name = "broker resume",
    .arguments = "ID...",
    .summary = "Let paused brokers of the local cluster go on",
    .description =
        "Sends SIGCONT. A broker that was killed meanwhile, because the pause was longer than "
        "broker.session.timeout.ms, "
        "is started again; its copies catch up with the others.",
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
