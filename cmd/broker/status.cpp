#include "cmd/broker/process.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "local/place.h"
#include "os/filesystem.h"
#include "os/wait.h"
#include "protocol/messages/api_versions.h"
#include "transport/channel.h"

namespace bobbin::cmd {
namespace {

// All brokers are asked at once, and no answer within this is one too: status answers within a second.
constexpr int64_t answer_ms_max = 700;

enum class State { running, starting, stopped, hung };

std::string_view name_of(State state) {
  constexpr std::string_view names[] = {"running", "starting", "stopped", "hung"};
  return names[static_cast<size_t>(state)];
}

// Asks a living broker for its versions: whoever answers runs.
class Probe {
 public:
  explicit Probe(BrokerProcess broker) : broker_(std::move(broker)) {}

  const BrokerProcess& broker() const { return broker_; }
  State state() const { return state_; }
  bool is_over() const { return !channel_; }
  const std::optional<Error>& refused() const { return refused_; }  // it may run, but not for us
  os::WaitFd wait_fd() const {
    return {.fd = channel_->fd(), .want_read = true, .want_write = channel_->wants_write()};
  }

  void begin(const home::ClusterDir& cluster) {
    state_ = State::stopped;
    if (!broker_.alive) return;
    // Without a state file of this life, or a socket, it has not come so far yet.
    state_ = State::starting;
    if (broker_.process && os::state(*broker_.process) == os::ProcessState::stopped) state_ = State::hung;
    if (state_ == State::hung) return;
    auto channel = transport::Channel::connect_unix(cluster.broker_socket(broker_.id));
    Status trusted = channel ? check_who_answers(cluster, *channel) : Status(channel.error());
    if (!trusted) {
      if (trusted.error().code == Errc::permission_denied) refused_ = trusted.error();
      return;
    }
    channel_.emplace(std::move(*channel));
    channel_->send(protocol::encode_request(1, "bobbin", 0, protocol::ApiVersionsRequest()));
    state_ = State::hung;  // until it answers
  }

  static Status check_who_answers(const home::ClusterDir& cluster, const transport::Channel& channel) {
    BOBBIN_TRY_ASSIGN(who, channel.peer_credentials());
    return local::check_answerer(cluster.root, who);
  }

  void advance() {
    bool closed = !channel_->advance().ok();
    if (channel_->next_frame()) state_ = State::running;
    else if (closed) state_ = State::starting;
    if (closed || state_ == State::running) channel_.reset();
  }

 private:
  BrokerProcess broker_;
  State state_ = State::stopped;
  std::optional<transport::Channel> channel_;
  std::optional<Error> refused_;
};

Status ask(std::vector<Probe>& probes) {
  int64_t deadline = mono_ms() + answer_ms_max;
  while (true) {
    std::vector<os::WaitFd> fds;
    std::vector<Probe*> open;
    for (Probe& probe : probes) {
      if (probe.is_over()) continue;
      fds.push_back(probe.wait_fd());
      open.push_back(&probe);
    }
    int64_t left = deadline - mono_ms();
    if (open.empty() || left <= 0) return {};
    BOBBIN_TRY(os::wait(fds, left));
    for (size_t i = 0; i < fds.size(); i++)
      if (fds[i].readable || fds[i].writable || fds[i].hangup) open[i]->advance();
  }
}

Result<int> status(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(cluster));
  std::vector<Probe> probes;
  for (const BrokerProcess& b : brokers) {
    if (!ids.empty() && std::find(ids.begin(), ids.end(), b.id) == ids.end()) continue;
    probes.emplace_back(b).begin(cluster);
  }
  for (BrokerId id : ids)
    if (std::none_of(probes.begin(), probes.end(), [&](const Probe& p) { return p.broker().id == id; }))
      return error(Errc::broker_id_not_registered, "there is no broker " + std::to_string(id.value));
  for (const Probe& p : probes)
    if (p.refused()) return *p.refused();
  BOBBIN_TRY(ask(probes));
  Listing listing({"id", "pid", "state", "address", "version", "disk"});
  bool all_run = !probes.empty();
  auto kind = os::file_system_of(cluster.root);
  for (const Probe& p : probes) {
    const BrokerProcess& b = p.broker();
    all_run &= p.state() == State::running;
    bool runs = p.state() != State::stopped && b.facts;
    Cell disk = kind ? Cell(os::is_durable(*kind) ? std::string(os::name(*kind))
                                                  : std::string(os::name(*kind)) + ", gone after a reboot")
                     : Cell();
    listing.add({b.id.value, b.process ? Cell(int64_t{b.process->pid}) : Cell(), name_of(p.state()),
                 runs && !b.facts->address.empty() ? Cell(b.facts->address) : Cell(),
                 runs ? Cell(b.facts->version) : Cell(), disk});
  }
  int printed = print(listing, arguments);
  if (probes.empty()) notice(arguments, "there is no broker in " + cluster.root + "; bobbin broker start makes one");
  return printed != exit_done ? printed : all_run ? exit_done : exit_no;
}

}  // namespace

int broker_status(const Arguments& arguments) {
  auto code = status(arguments);
  return code ? *code : fail(code.error(), "broker status");
}

}  // namespace bobbin::cmd
