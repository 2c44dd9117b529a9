#include "broker/program.h"

#include <algorithm>

#include "broker/broker.h"
#include "broker/listener_wire.h"
#include "broker/metadata_watch.h"
#include "broker/peer_channels.h"
#include "broker/place.h"
#include "broker/place_watch.h"
#include "broker/tcp_door.h"
#include "home/broker_folders.h"
#include "log/checkpoints.h"
#include "os/environment.h"
#include "os/filesystem.h"
#include "os/heap.h"
#include "os/limits.h"
#include "os/posix/world.h"
#include "os/process.h"
#include "os/signals.h"
#include "os/watch.h"
#include "transport/listener.h"

namespace bobbin::broker {

namespace {

// Freed memory that is not given back, until ListenerWire says so.
constexpr size_t keep_memory_bytes = 16 << 20;

// Unlinking so much may take as long as it is until the next checkpoint.
constexpr uint64_t large_log_bytes = 128 << 20;
constexpr int64_t look_for_large_every_ms = 1000;

// Helpers for what outsiders can hold up: names of listeners, and the ends of descriptors that clients passed.
constexpr unsigned aside_threads_max = 4;

// For answers that are not read, of all clients together.
constexpr size_t answer_bytes_max = 128 << 20;

enum Token : uint64_t { jobs_token = 1, signals_token, watch_token, aside_token, mounts_token };

class Process {
 public:
  Process(const ProgramOptions& options, std::unique_ptr<os::PosixWorld> world, std::unique_ptr<os::PosixJobs> aside,
          os::Poller poller, os::Signals signals, os::Watch watch)
      : options_(options), world_(std::move(world)), aside_(std::move(aside)), poller_(std::move(poller)),
        signals_(std::move(signals)), watch_(std::move(watch)),
        metadata_(watch_, world_->world().storage, options.dir.metadata_log_dir()),
        place_(watch_, options.dir, options.id), stays_(options.by_person) {}

  Status run(os::Fd ready);

 private:
  Status prepare();
  void watch_mounts();
  void listen(const std::string& setting, bool insecure, TcpDoor::Done done);
  void make_broker();
  void set_limits(const config::BrokerSettings& settings);
  Status serve();
  home::BrokerFacts facts() const;
  void write_facts();
  void bring_socket_back();
  void mind_suspicion();
  void on_ready(const os::Ready& event);
  void on_changes();
  void on_signals();
  void kill(BrokerId id);
  void stay();
  void end(const std::string& why);
  bool is_alone();
  std::optional<int64_t> idle_deadline_ms();
  int64_t wait_ms();

  const ProgramOptions& options_;
  std::atomic<bool> starts_ = true;
  std::unique_ptr<os::PosixWorld> world_;
  std::unique_ptr<os::PosixJobs> aside_;
  os::Poller poller_;
  os::Signals signals_;
  os::Watch watch_;
  MetadataWatch metadata_;
  PlaceWatch place_;
  bool stays_;  // also when it is idle: a person asked for it
  os::Fd mounts_;
  std::unique_ptr<os::Lock> lock_;
  std::unique_ptr<ListenerWire> wire_;
  std::unique_ptr<TcpDoor> door_;
  std::unique_ptr<PeerChannels> uplinks_;
  std::unique_ptr<region::Region> region_;
  std::unique_ptr<Broker> broker_;
  int64_t look_for_large_ms_ = 0;
  bool is_suspicious_ = false;
  bool directory_gone_ = false;
  bool ended_ = false;
  bool serving_ = false;
  bool ending_ = false;
  std::optional<Error> failed_;
};

Status Process::prepare() {
  BOBBIN_TRY_ASSIGN(lock, take_place(world_->storage(), {options_.dir, options_.id, options_.again, starts_}));
  lock_ = std::move(lock);
  BOBBIN_TRY(poller_.add(world_->jobs().fd(), jobs_token, {true, false}));
  BOBBIN_TRY(poller_.add(aside_->fd(), aside_token, {true, false}));
  BOBBIN_TRY(poller_.add(signals_.fd(), signals_token, {true, false}));
  BOBBIN_TRY(poller_.add(watch_.fd(), watch_token, {true, false}));
  BOBBIN_TRY(place_.begin());
  if (home::folder_elsewhere(options_.dir, options_.id)) watch_mounts();
  return metadata_.begin();
}

// Where there is no /proc, a disk that is unmounted below a broker is missed when something is opened.
void Process::watch_mounts() {
  auto mounts = os::watch_mounts();
  if (!mounts) return;
  mounts_ = std::move(*mounts);
  if (!poller_.add(mounts_.value(), mounts_token, {})) mounts_.close();
}

void Process::on_changes() {
  bool look = false;
  for (const auto& change : watch_.changes()) {
    place_.take(change, world_->world().clock.mono_ms());
    if (metadata_.take(change)) look = true;
  }
  mind_suspicion();
  directory_gone_ = directory_gone_ || metadata_.is_gone() || !place_.going().empty();
  if (directory_gone_) return end(place_.going().empty() ? "the cluster's directory is gone" : place_.going());
  if (!look) return;
  metadata_.follow_newest();
  if (broker_) broker_->on_metadata_changed();
}

void Process::listen(const std::string& setting, bool insecure, TcpDoor::Done done) {
  door_->listen(setting, insecure, [this, done = std::move(done)](Result<std::optional<metadata::Endpoint>> endpoint) {
    if (door_->is_open_to_others()) options_.say(home::open_door_warning(options_.id, facts()));
    if (serving_) write_facts();  // also when it listens nowhere now: the old address is gone
    done(std::move(endpoint));
  });
}

// Cleaners of /tmp take sockets that were not touched for long.
void Process::bring_socket_back() {
  int64_t now = world_->world().clock.mono_ms();
  if (ending_ || !place_.socket_due_ms() || *place_.socket_due_ms() > now || !place_.socket_may_return(now)) return;
  if (Status renewed = wire_->listener().renew_unix(); !renewed) {
    options_.say("somebody removed the socket, and it cannot be made anew: " + renewed.error().message);
    return place_.socket_failed(now);
  }
  options_.say("somebody removed the socket: it is made anew");
  place_.socket_is_there();
  write_facts();
}

// Whether new names may be made; and which folders would take long to remove.
void Process::mind_suspicion() {
  int64_t now = world_->world().clock.mono_ms();
  bool is_suspicious = place_.is_suspicious(now);
  if (is_suspicious != std::exchange(is_suspicious_, is_suspicious)) world_->storage().refuse_new_names(is_suspicious);
  if (!serving_ || ending_ || now < look_for_large_ms_) return;
  look_for_large_ms_ = now + look_for_large_every_ms;
  broker_->replicas().opened().for_each_copy([this](const cluster::Copy& copy) {
    if (copy.bytes() < large_log_bytes) return;
    place_.keep_an_eye_on(options_.dir.broker_dir(options_.id) + "/" + log::dir_name(copy.name()));
  });
}

void Process::set_limits(const config::BrokerSettings& settings) {
  wire_->listener().set_limits(settings.socket_request_max_bytes, settings.connections_max_idle_ms);
  wire_->listener().set_limits(
      {settings.connections_max, settings.connections_per_ip_max, settings.connections_a_second_max});
  const int64_t bytes = settings.queued_request_bytes_max;
  broker_->request_memory().budget().set_max(bytes < 0 ? SIZE_MAX : static_cast<size_t>(bytes));
  os::allow_core_dumps(settings.core_dumps);
}

home::BrokerFacts Process::facts() const {
  os::ProcessId self = os::self_process();
  home::BrokerFacts facts{
      self.pid, static_cast<int64_t>(self.start_time), stays_, door_->address(), door_->deaf(), options_.version};
  facts.settings = options_.settings;
  facts.pid_namespace = os::pid_namespace();
  facts.open_to_others = door_->is_open_to_others();
  facts.listener = door_->setting();
  if (ended_) {
    facts.started_by_person = false;
    facts.settings.clear();
  }
  return facts;
}

void Process::write_facts() {
  if (!place_.is_whole()) return;
  if (auto written = home::write_facts(world_->world().storage, options_.dir, options_.id, facts()); !written)
    options_.say("the state file is not written: " + written.error().message);
}

void Process::on_signals() {
  while (auto signal = signals_.next()) {
    if (*signal == SIGHUP && !options_.foreground) continue;  // a daemon has no terminal that could hang up
    if (*signal == stay_signal) stay();
    else end("signal " + std::to_string(*signal));
  }
}

// Of this user, as its facts name it; nobody else's process can have that number and start time.
void Process::kill(BrokerId id) {
  auto facts = home::read_facts(world_->storage(), options_.dir, id);
  if (!facts || facts->pid <= 0) return;
  const os::ProcessId process{static_cast<int32_t>(facts->pid), static_cast<uint64_t>(facts->start_time)};
  if (auto sent = os::send_signal(process, SIGKILL); !sent)
    options_.say("broker " + to_string(id) + " is not killed: " + sent.error().message);
}

void Process::stay() {
  if (stays_ || ending_) return;
  stays_ = true;
  options_.say("asked to stay");
  if (serving_) write_facts();
}

void Process::end(const std::string& why) {
  if (ending_) return;
  ending_ = true;
  options_.say("ending: " + why);
  wire_->listener().stop();
  if (directory_gone_) return;  // nothing left to close
  broker_->shut_down([] {});
}

bool Process::is_alone() {
  auto ids = home::brokers(world_->world().storage, options_.dir);
  return ids && ids->size() == 1;
}

// A broker that nobody asked for, alone and without a listener, goes when nobody has used it for a while.
std::optional<int64_t> Process::idle_deadline_ms() {
  if (stays_ || !door_->setting().empty() || !serving_) return std::nullopt;
  auto since = broker_->idle_since_ms();
  int64_t limit = broker_->settings().idle_exit_ms;
  if (!since || limit <= 0 || !is_alone()) return std::nullopt;
  return *since + limit;
}

int64_t Process::wait_ms() {
  if (wire_->listener().has_work() || uplinks_->has_work()) return 0;
  int64_t now = world_->world().clock.mono_ms();
  if (broker_->busy_clients().any(now)) return 0;
  std::optional<int64_t> next = broker_->next_deadline_ms();
  const bool going = ending_;
  for (auto other : {wire_->listener().next_deadline_ms(), wire_->memory_due_ms(), door_->deadline_ms(),
                     going ? std::nullopt : idle_deadline_ms(), going ? std::nullopt : place_.socket_due_ms(),
                     is_suspicious_ ? place_.suspicious_until_ms() : std::nullopt})
    if (other && (!next || *other < *next)) next = other;
  if (!next) return -1;
  return std::max<int64_t>(*next - now, 0);
}

// Whoever connects over TCP waits until the broker serves: its address is taken before, for it is registered with it.
void Process::make_broker() {
  os::World& world = world_->world();
  // Descriptors: half for the files of logs, most of the rest for connections, and some for syncs and the metadata.
  const size_t descriptors = os::raise_soft_limits();
  cluster::FilesMax files{std::clamp<size_t>(descriptors / 3, 8, 512), std::max<size_t>(descriptors / 2, 16)};
  transport::ListenerLimits limits;
  limits.connections_max = std::min(limits.connections_max, descriptors * 3 / 8);
  limits.local_connections = limits.connections_max / 8;
  limits.answer_memory.set_max(answer_bytes_max);
  wire_ = std::make_unique<ListenerWire>(poller_, world.clock, *aside_, limits);
  wire_->listener().hold_tcp();
  door_ = std::make_unique<TcpDoor>(wire_->listener(), *aside_, world.clock);
  uplinks_ = std::make_unique<PeerChannels>(poller_, options_.dir);
  auto region = region::Region::create(options_.id);
  if (region) region_ = std::move(*region);
  else options_.say("clients have to ask how far they may read: " + region.error().message);
  BrokerOptions options{options_.id, options_.dir,  options_.static_configs, options_.version,
                        files,       os::boot_id(), os::helpers_for_cpus()};
  options.clock_seen = cluster::last_written_in(world.storage, options_.dir.broker_dir(options_.id));
  broker_ = std::make_unique<Broker>(
      world, *wire_, std::move(options),
      BrokerHooks{options_.say,
                  [this](const std::string& setting, bool insecure, TcpDoor::Done done) {
                    listen(setting, insecure, std::move(done));
                  },
                  [this](BrokerId id) { kill(id); }, uplinks_.get(), region_.get(),
                  [this](const config::BrokerSettings& settings) { set_limits(settings); }, limits.request_memory});
  wire_->serve(*broker_);
  uplinks_->serve({[this](LinkId id, Bytes frame) { broker_->peers()->on_frame(id, frame); },
                   [this](LinkId id) { broker_->peers()->on_lost(id); }});
}

// What keeps a broker that knows its partitions from serving; else it serves.
Status Process::serve() {
  if (std::string kept = broker_->settings().listeners; options_.listeners && kept != *options_.listeners)
    return error(Errc::busy, "the cluster keeps the listener " + kept + ", which goes before " + *options_.listeners +
                                 "; `bobbin broker start --listen HOST:PORT`, not in the foreground, changes it");
  // Whoever keeps it in the foreground sees it end.
  if (options_.foreground && !door_->deaf().empty()) return error(Errc::busy, "cannot listen: " + door_->deaf());
  BOBBIN_TRY(place_.check_whole());
  BOBBIN_TRY(wire_->listener().start_unix(options_.dir.broker_socket(options_.id)));
  BOBBIN_TRY(place_.check_whole());  // else it is taken back at once
  wire_->listener().let_in_tcp();
  serving_ = true;
  place_.socket_is_there();
  write_facts();
  starts_ = false;
  metadata_.follow_newest();
  options_.say("broker " + to_string(options_.id) + " answers" +
               (door_->address().empty() ? "" : " at " + door_->address()));
  return {};
}

void Process::on_ready(const os::Ready& event) {
  if (transport::Listener::owns(event.token)) return wire_->listener().on_ready(event);
  if (PeerChannels::owns(event.token)) return uplinks_->on_ready(event.token);
  if (event.token == jobs_token) world_->jobs().run_completed();
  if (event.token == aside_token) aside_->run_completed();
  if (event.token == signals_token) on_signals();
  if (event.token == mounts_token) place_.look_whether_there();
  if (event.token == watch_token || event.token == mounts_token) on_changes();
}

Status Process::run(os::Fd ready) {
  if (auto prepared = prepare(); !prepared) {
    os::tell_failed(std::move(ready), prepared.error());
    return prepared;
  }
  os::World& world = world_->world();
  os::allow_core_dumps(false);  // until the configs say otherwise
  os::keep_freed_memory(keep_memory_bytes);
  make_broker();
  broker_->start([&](Status started) {
    if (started) started = serve();
    if (started) return os::tell_ready(std::move(ready));
    failed_ = started.error();
    os::tell_failed(std::move(ready), *failed_);
  });

  while (!failed_ && !broker_->is_closed() && !directory_gone_) {
    broker_->run();
    wire_->listener().finish_round();
    uplinks_->finish_round();
    if (broker_->is_closed()) break;
    wire_->give_back_memory();
    int64_t sleep_ms = wait_ms();
    auto ready_now = poller_.wait(sleep_ms);
    if (!ready_now) {
      failed_ = std::move(ready_now).error();
      break;
    }
    const auto& events = *ready_now;
    if (sleep_ms == 0 && events.empty()) os::yield();
    for (const os::Ready& event : events) on_ready(event);
    door_->expire();
    mind_suspicion();
    bring_socket_back();
    auto idle = ending_ ? std::nullopt : idle_deadline_ms();
    if (idle && world.clock.mono_ms() >= *idle) end("nobody used it");
  }
  broker_.reset();  // what it has not answered it closes, if it ends early
  wire_.reset();
  uplinks_.reset();
  if (failed_) return *failed_;
  ended_ = true;
  if (!directory_gone_) write_facts();
  return {};
}

}  // namespace

Status run_program(const ProgramOptions& options) {
  os::Fd ready(options.ready_fd);
  auto fail = [&](Error e) -> Status {
    os::tell_failed(std::move(ready), e);
    return e;
  };
  os::ignore_write_signals();
  auto signals = os::Signals::take({stay_signal});
  if (!signals) return fail(std::move(signals).error());
  auto world = os::PosixWorld::create();
  if (!world) return fail(std::move(world).error());
  auto aside = os::PosixJobs::create(aside_threads_max, os::PosixJobs::AtEnd::abandon);
  if (!aside) return fail(std::move(aside).error());
  auto poller = os::Poller::open();
  if (!poller) return fail(std::move(poller).error());
  auto watch = os::Watch::open();
  if (!watch) return fail(std::move(watch).error());
  Process process(options, std::move(*world), std::move(*aside), std::move(*poller), std::move(*signals),
                  std::move(*watch));
  return process.run(std::move(ready));
}

}  // namespace bobbin::broker
