#include "base/ids.h"
#include "base/units.h"
#include "client/admin/configs.h"
#include "cmd/broker/config_file.h"
#include "cmd/broker/listen.h"
#include "cmd/broker/places.h"
#include "cmd/broker/process.h"
#include "cmd/broker/run.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "local/starter.h"
#include "os/wait.h"

namespace bobbin::cmd {
namespace {

constexpr int32_t brokers_max = 1000;

struct Wanted {
  home::ClusterDir cluster;
  std::vector<BrokerId> ids;  // empty: all there are, at least one
  std::optional<Listen> listen;
  local::StartOptions options;
};

// Each broker listens one port above the one before it.
Status check_ports(const Listen& listen, const std::vector<BrokerId>& ids) {
  auto parts = config::parse_listener(listen.listener);
  if (!parts || parts->port == 0) return {};
  for (BrokerId id : ids)
    if (const int64_t port = int64_t{parts->port} + id.value - 1; port > UINT16_MAX)
      return error(Errc::usage, "broker " + to_string(id) + " would listen at port " + std::to_string(port) +
                                    ", and there is none above 65535: give a lower one");
  return {};
}

Result<Wanted> read(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  BOBBIN_TRY_ASSIGN(count, arguments.number("count", 1, brokers_max));
  BOBBIN_TRY_ASSIGN(patience, arguments.duration_ms("timeout"));
  for (BrokerId id : ids)
    if (id.value > brokers_max)
      return error(Errc::usage, "a broker's id is at most " + std::to_string(brokers_max) + ", not " + to_string(id) +
                                    "; a port is given as --listen 127.0.0.1:PORT");
  if (count && !ids.empty()) return error(Errc::usage, "give ids or --count, not both");
  Wanted wanted{cluster, count ? local::first_ids(static_cast<int32_t>(*count)) : ids, {}, {}};
  BOBBIN_TRY_ASSIGN(configs,
                    static_configs(cluster.config_file(), arguments.all("set")));  // told now, not by a log file
  for (const std::string& line : without_effect(configs)) notice(arguments, line);
  BOBBIN_TRY_ASSIGN(listen, listen_of(arguments, configs));
  if (listen) BOBBIN_TRY(check_ports(*listen, wanted.ids));
  wanted.listen = listen;
  for (const std::string& pair : arguments.all("set"))
    wanted.options.arguments.insert(wanted.options.arguments.end(), {"--set", pair});
  wanted.options.by_person = true;
  if (patience) wanted.options.timeout_ms = *patience;
  wanted.options.say = [&arguments](const std::string& line) { notice(arguments, line); };
  return wanted;
}

// Those that a command started, which end when they are idle.
Result<std::vector<BrokerId>> automatic_ones(const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(wanted.cluster));
  std::vector<BrokerId> automatic;
  for (const BrokerProcess& b : brokers) {
    bool meant = wanted.ids.empty() || holds(wanted.ids, b.id);
    bool is_automatic = meant && b.facts && !b.facts->started_by_person;
    if (is_automatic && b.unseen)
      return Error(*b.unseen).in("a command started it, and it cannot be told to stay from here");
    if (is_automatic && b.process) automatic.push_back(b.id);
  }
  return automatic;
}

Status end_automatic_ones(const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(ids, automatic_ones(wanted));
  auto killed = end_processes(wanted.cluster, ids, 10'000);
  return killed ? Status() : Status(std::move(killed).error());
}

// Somebody asked for them now. Other settings need a new process; to stay, those that run are only told.
Status take_over_automatic_ones(const Wanted& wanted) {
  if (!wanted.options.arguments.empty()) return end_automatic_ones(wanted);
  BOBBIN_TRY_ASSIGN(ids, automatic_ones(wanted));
  return make_stay(wanted.cluster, ids, 10'000);
}

// The cluster keeps the choice, as configs of all its brokers.
Status listen(const Arguments& arguments, const Listen& choice) {
  using Operation = client::ConfigChange::Operation;
  BOBBIN_TRY_ASSIGN(session, connect_to_living(arguments));
  return client::alter_configs(
      *session, client::ResourceType::broker, "",
      {{"listeners", choice.listener, Operation::set},
       {"insecure.listen.enable", "true", choice.insecure ? Operation::set : Operation::unset}});
}

// It tried, with whatever success.
bool has_tried(const BrokerProcess& broker, const Listen& choice) {
  return broker.facts && broker.facts->listener == config::listener_of(choice.listener, broker.id) &&
         !(broker.facts->address.empty() && broker.facts->deaf.empty());
}

// The brokers hear of the choice by the metadata, and tell by their facts what became of it. A port that was taken a
// moment ago may be free now.
Status await_listeners(const Arguments& arguments, const Wanted& wanted) {
  constexpr int64_t retry_ms = 5000;
  const int64_t begun = mono_ms();
  while (true) {
    BOBBIN_TRY_ASSIGN(brokers, broker_processes(wanted.cluster));
    auto deaf = std::find_if(brokers.begin(), brokers.end(), [&](const BrokerProcess& b) {
      return b.process && !(has_tried(b, *wanted.listen) && b.facts->deaf.empty());
    });
    if (deaf == brokers.end()) {
      for (const BrokerProcess& b : brokers)
        if (b.process && b.facts->open_to_others) notice(arguments, home::open_door_warning(b.id, *b.facts));
      return {};
    }
    bool is_tried = has_tried(*deaf, *wanted.listen);
    if (mono_ms() - begun > (is_tried ? retry_ms : wanted.options.timeout_ms)) {
      std::string id = to_string(deaf->id);
      std::string why = is_tried ? deaf->facts->deaf : "`bobbin broker logs " + id + "` says why";
      return error(Errc::busy, "broker " + id + " does not listen for " + wanted.listen->listener + ": " + why +
                                   "; choose another address, or free this one");
    }
    BOBBIN_TRY(os::wait({}, 5));
  }
}

// An address that was chosen earlier may be somebody else's by now. Local clients do not need it.
void report_deaf(const Wanted& wanted, Report& report) {
  auto brokers = broker_processes(wanted.cluster);
  if (!brokers) return;
  for (const BrokerProcess& b : *brokers)
    if (b.process && b.facts && !b.facts->deaf.empty())
      report.failed(error(Errc::busy, "broker " + to_string(b.id) + " listens nowhere: " + b.facts->deaf +
                                          "; choose another address with --listen, or free this one"));
}

// Whether it was started with these already.
bool has_settings(const Wanted& wanted, BrokerId id, const std::vector<std::string>& settings) {
  const BrokerProcess broker = broker_process(wanted.cluster, id);
  if (!broker.facts) return settings.empty();
  const auto& its = broker.facts->settings;
  return std::all_of(settings.begin(), settings.end(),
                     [&](const std::string& s) { return std::find(its.begin(), its.end(), s) != its.end(); });
}

int start(const Arguments& arguments, const Wanted& wanted) {
  if (Status taken = take_over_automatic_ones(wanted); !taken) return fail(taken.error());
  auto started = local::start(wanted.cluster.root, wanted.ids, wanted.options);
  if (!started) return fail(started.error());
  Report report;
  for (const local::Started& one : *started) {
    std::string name = "broker " + to_string(one.id);
    if (!one.status) {
      report.failed(Error(one.status.error()).in(name));
    } else if (one.was_running && !has_settings(wanted, one.id, arguments.all("set"))) {
      report.failed(error(Errc::busy, name + " runs already, without what --set says; stop it first"));
    } else {
      report.done();
      notice(arguments, name + (one.was_running ? " runs already" : " runs"));
    }
  }
  warn_of_shared_disks(arguments, wanted.cluster);
  if (report.exit_code() == exit_done && !wanted.listen) report_deaf(wanted, report);
  if (report.exit_code() != exit_done || !wanted.listen) return report.exit_code();
  if (Status status = listen(arguments, *wanted.listen); !status) return fail(status.error());
  if (Status status = await_listeners(arguments, wanted); !status) return fail(status.error());
  return exit_done;
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "broker start");
  if (!arguments.has("foreground")) return start(arguments, *wanted);
  if (Status ended = end_automatic_ones(*wanted); !ended) return fail(ended.error());
  return be_broker(arguments);
}

constexpr Option options[] = {
    {.name = "count",
     .shorts = "n",
     .value = "N",
     .doc = "Make it a cluster of N brokers, and start those that do not run."},
    {.name = "foreground", .doc = "Run one broker in this process; Ctrl-C stops it."},
    {.name = "listen",
     .value = "HOST:PORT",
     .doc = "Listen on TCP too, so that every client of Kafka works. Alone it means 127.0.0.1:9092; a name means all "
            "its addresses, and no host, '*' or '[::]' every interface. Broker number k listens on PORT+k-1; port 0 "
            "takes any free one, and broker status prints it. The cluster keeps the choice for later starts; where it "
            "cannot be had then (another program has the port), local commands work all the same, the brokers try "
            "again from time to time, and this command exits 1 and says why. Processes of other users of this machine, "
            "but root's, are refused; broker logs tells it. Other machines are let in with --insecure-listen only.",
     .value_is_optional = true},
    {.name = "insecure-listen",
     .doc = "Let --listen be an address that other machines reach. Whoever does reads, writes and deletes without "
            "being asked who he is: there is no TLS and no SASL yet. Each start says so. In bobbin.toml it is "
            "insecure.listen.enable = true."},
    {.name = "set",
     .value = "NAME=VALUE",
     .doc = "A config of the broker, before that of bobbin.toml; see bobbin.toml(5). Kept when the broker dies and is "
            "started again, not when it was stopped.",
     .repeats = true},
};

constexpr Example examples[] = {
    {"bobbin broker start", "those of the cluster that do not run; one, in a new cluster"},
    {"bobbin broker start -n 3", "make it three"},
    {"bobbin broker start --listen", "for kcat -b localhost, and every other client"},
};

}  // namespace

extern constinit const Command broker_start{
    .name = "broker start",
    .arguments = "[ID...]",
    .summary = "Start brokers of the local cluster",
    .description =
        "Starts the brokers with these ids, or all of the cluster that do not run: one, in a new cluster. Returns when "
        "they answer. A broker that was started so stays until it is stopped; one that another command started ends "
        "itself when it was idle for 30 seconds, is alone and has no listener. Such a one is told to stay.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
