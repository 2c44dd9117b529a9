#include "base/ids.h"
#include "cmd/broker/process.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "home/broker_folders.h"
#include "local/probe.h"
#include "os/filesystem.h"
#include "os/wait.h"

namespace bobbin::cmd {
namespace {

// All brokers are asked at once, and no answer within this is one too: status answers within a second.
constexpr int64_t answer_ms_max = 700;

enum class State { running, starting, stopped, hung };

std::string_view name_of(State state) {
  constexpr std::string_view names[] = {"running", "starting", "stopped", "hung"};
  return names[static_cast<size_t>(state)];
}

// A broker, and what a question to it told.
class Asked {
 public:
  explicit Asked(BrokerProcess broker) : broker_(std::move(broker)) {}

  const BrokerProcess& broker() const { return broker_; }
  State state() const { return state_; }
  bool is_over() const { return !probe_; }
  os::WaitFd wait_fd() const { return probe_->wait_fd(); }

  // Errc::permission_denied: it may run, but not for us.
  Status begin(const home::ClusterDir& cluster) {
    if (!broker_.alive) return {};
    // Without a state file of this life, or a socket, it has not come so far yet.
    state_ = State::starting;
    if (broker_.process && os::state(*broker_.process) == os::ProcessState::stopped) state_ = State::hung;
    if (state_ == State::hung) return {};
    auto probe = local::Probe::begin(cluster, broker_.id);
    if (!probe && probe.error().code == Errc::permission_denied) return std::move(probe).error();
    if (!probe) return {};
    probe_ = std::move(*probe);
    state_ = State::hung;  // until it answers
    return {};
  }

  void advance() {
    probe_->advance();
    if (probe_->state() == local::Probe::State::asked) return;
    state_ = probe_->state() == local::Probe::State::answers ? State::running : State::starting;
    probe_.reset();
  }

 private:
  BrokerProcess broker_;
  State state_ = State::stopped;
  std::optional<local::Probe> probe_;
};

Status await(std::vector<Asked>& asked) {
  int64_t deadline = mono_ms() + answer_ms_max;
  while (true) {
    std::vector<os::WaitFd> fds;
    std::vector<Asked*> open;
    for (Asked& one : asked) {
      if (one.is_over()) continue;
      fds.push_back(one.wait_fd());
      open.push_back(&one);
    }
    int64_t left = deadline - mono_ms();
    if (open.empty() || left <= 0) return {};
    BOBBIN_TRY(os::wait(fds, left));
    for (size_t i = 0; i < fds.size(); i++)
      if (fds[i].readable || fds[i].writable || fds[i].hangup) open[i]->advance();
  }
}

// Of the folder that the broker has, or will have.
Cell disk_of(const home::ClusterDir& cluster, BrokerId id) {
  if (!home::check_folder(cluster, id)) return std::string("not there");
  const std::string folder = cluster.broker_dir(id);
  auto kind = os::file_system_of(os::exists(folder) ? folder : cluster.root);
  if (!kind) return {};
  return std::string(os::name(*kind)) + (os::is_durable(*kind) ? "" : ", gone after a reboot");
}

Cell elsewhere(const home::ClusterDir& cluster, BrokerId id) {
  auto target = home::folder_elsewhere(cluster, id);
  return target ? Cell(*target) : Cell();
}

Result<int> status(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(cluster));
  std::vector<Asked> asked;
  for (const BrokerProcess& b : brokers) {
    if (!ids.empty() && !holds(ids, b.id)) continue;
    asked.emplace_back(b);
  }
  for (BrokerId id : ids)
    if (std::none_of(asked.begin(), asked.end(), [&](const Asked& a) { return a.broker().id == id; }))
      return error(Errc::broker_id_not_registered, "there is no broker " + to_string(id));
  for (Asked& one : asked) BOBBIN_TRY(one.begin(cluster));
  BOBBIN_TRY(await(asked));
  Listing listing({"id", "pid", "state", "address", "version", "disk", "elsewhere"});
  bool all_run = !asked.empty();
  for (const Asked& one : asked) {
    const BrokerProcess& b = one.broker();
    all_run &= one.state() == State::running;
    bool runs = one.state() != State::stopped && b.facts;
    listing.add({b.id.value, b.process ? Cell(int64_t{b.process->pid}) : Cell(), name_of(one.state()),
                 runs && !b.facts->address.empty() ? Cell(b.facts->address) : Cell(),
                 runs ? Cell(b.facts->version) : Cell(), disk_of(cluster, b.id), elsewhere(cluster, b.id)});
  }
  int printed = print(listing, arguments);
  for (const Asked& one : asked)
    if (Status there = home::check_folder(cluster, one.broker().id); !there)
      notice(arguments, "broker " + to_string(one.broker().id) + ": " + there.error().message);
  if (asked.empty()) notice(arguments, "there is no broker in " + cluster.root + "; bobbin broker start makes one");
  return printed != exit_done ? printed : all_run ? exit_done : exit_no;
}

int run(const Arguments& arguments) {
  auto code = status(arguments);
  return code ? *code : fail_list(code.error(), "broker status", arguments);
}

constexpr Example examples[] = {
    {"bobbin broker status", "exit 0 when all run"},
    {"bobbin broker status --output json | jq '.[] | select(.state != \"running\")'", "which do not run"},
};

}  // namespace

extern constinit const Command broker_status{
    .name = "broker status",
    .arguments = "[ID...]",
    .summary = "Show which brokers run",
    .description =
        "Shows id, process, state (running, starting, stopped or hung), address, version and disk of every broker, and "
        "where its folder is, if that is elsewhere (broker add --data). Never starts one, and answers within a second. "
        "The exit code is 0 when all run, else 1.",
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
