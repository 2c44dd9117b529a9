#include "client/session.h"

#include <algorithm>

#include "client/connection.h"
#include "client/patience.h"
#include "os/posix/clock.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"
#include "os/process.h"

namespace bobbin::client {

namespace {

constexpr int64_t retry_pause_ms_max = 1000;  // up to which it doubles
constexpr size_t arrived_bytes_max =
    256 << 20;  // half-way answers of all brokers; beyond, they are read one after the other

}  // namespace

struct Session::Peer {
  BrokerId id = any_node;  // any_node: an address of --bootstrap-server, whose id nobody knows
  Address address;         // over TCP
  std::unique_ptr<Connection> connection;
  std::deque<Call> pending;
  bool wanted = false;
  int64_t not_before = 0;
  int64_t pause_ms = 0;
  bool is_ready() const { return connection && connection->is_ready(); }
};

Session::Session(Target target)
    : target_(std::move(target)), clock_(std::make_unique<os::PosixClock>()),
      random_(std::make_unique<os::PosixRandom>()), storage_(std::make_unique<os::PosixStorage>()),
      patience_(clock_->mono_ms()),
      local_(target_, *storage_,
             {[this](BrokerId id) { peer(id).not_before = 0; }, [this](const std::string& why) { trouble_ = why; }}) {}

Session::~Session() = default;

// --- opening ---

Result<std::unique_ptr<Session>> Session::open(Target target) {
  std::unique_ptr<Session> session(new Session(std::move(target)));
  BOBBIN_TRY(session->start());
  return session;
}

Status Session::start() {
  BOBBIN_TRY(is_local() ? start_local() : start_tcp());
  BOBBIN_TRY(fetch_metadata({}));
  opened_ = true;
  return {};
}

Status Session::start_local() { return local_.living().empty() ? local_.start_first(now_ms()) : Status(); }

Status Session::start_tcp() {
  BOBBIN_TRY_ASSIGN(addresses, parse_addresses(target_.bootstrap));
  for (Address& address : addresses) {
    peers_.push_back(std::make_unique<Peer>());
    peers_.back()->address = std::move(address);
  }
  return {};
}

// --- peers ---

Session::Peer& Session::peer(BrokerId node) {
  for (auto& p : peers_)
    if (p->id == node) return *p;
  peers_.push_back(std::make_unique<Peer>());
  auto& made = *peers_.back();
  made.id = node;
  if (auto it = topology().nodes.find(node); it != topology().nodes.end())
    made.address = {it->second.host, static_cast<uint16_t>(it->second.port)};
  return made;
}

const Session::Peer* Session::find_peer(BrokerId node) const {
  for (const auto& p : peers_)
    if (p->id == node) return p.get();
  return nullptr;
}

// One without questions is asked first: one that hangs has some.
Session::Peer* Session::any_ready() {
  Peer* found = nullptr;
  for (auto& p : peers_) {
    if (!p->is_ready()) continue;
    if (p->connection->is_idle()) return p.get();
    if (!found) found = p.get();
  }
  return found;
}

bool Session::any_is_ready() const {
  return std::any_of(peers_.begin(), peers_.end(), [](const auto& p) { return p->is_ready(); });
}

Status Session::connect(Peer& p) {
  if (!is_local() && p.address.host.empty()) {
    lost(p, error(Errc::no_answer, "the cluster tells no address of broker " + to_string(p.id) + " that could be one"));
    return {};
  }
  auto channel = is_local() ? local_.connect(p.id) : transport::Channel::connect_tcp(p.address.host, p.address.port);
  if (!channel) {
    lost(p, channel.error());
    // Waiting changes nothing about whose cluster it is.
    if (is_local() && channel.error().code == Errc::permission_denied) return std::move(channel).error();
    return {};
  }
  p.connection = std::make_unique<Connection>(std::move(*channel), target_.client_id, now_ms() + target_.timeout_ms);
  return {};
}

void Session::lost(Peer& p, const Error& why) {
  p.connection.reset();
  p.wanted = false;
  p.pause_ms = std::clamp(p.pause_ms * 2, retry_pause_ms, retry_pause_ms_max);
  p.not_before = now_ms() + p.pause_ms;
  trouble_ = why.message;
  for (auto& call : p.pending) finished_.push_back({std::move(call.done), error(Errc::disconnected, why.message)});
  p.pending.clear();
}

void Session::advance(Peer& p) {
  bool was_ready = p.is_ready();
  if (Status s = p.connection->advance(finished_); !s) return lost(p, s.error());
  if (was_ready || !p.is_ready()) return;
  p.pause_ms = 0;
  auto pending = std::move(p.pending);
  p.pending.clear();
  for (auto& call : pending) submit(p, std::move(call));
}

void Session::submit(Peer& p, Call call) {
  int64_t deadline = now_ms() + (call.timeout_ms > 0 ? call.timeout_ms : target_.timeout_ms);
  p.connection->send(std::move(call), deadline, finished_);
}

void Session::send(Call call) {
  if (call.node == any_node) {
    int64_t deadline = now_ms() + (call.timeout_ms > 0 ? call.timeout_ms : target_.timeout_ms);
    waiting_.push_back({std::move(call), deadline});
    return;
  }
  Peer& p = peer(call.node);
  if (p.is_ready()) return submit(p, std::move(call));
  p.pending.push_back(std::move(call));
}

bool Session::is_ready(BrokerId node) {
  if (node == any_node) return any_ready() != nullptr;
  Peer& p = peer(node);
  p.wanted = true;
  return p.is_ready();
}

int16_t Session::version_of(BrokerId node, int16_t api_key, int16_t version_min, int16_t version_max) {
  const Peer* p = node == any_node ? any_ready() : find_peer(node);
  return p && p->is_ready() ? p->connection->version_for(api_key, version_min, version_max) : int16_t{-1};
}

std::optional<transport::FrameMemory::Piece> Session::take_memory(BrokerId node, size_t bytes) {
  const Peer* p = find_peer(node);
  return p && p->is_ready() ? p->connection->take_memory(bytes) : std::nullopt;
}

std::shared_ptr<const region::RegionView> Session::region(BrokerId node) {
  const Peer* p = find_peer(node);
  return p && p->is_ready() ? p->connection->region() : nullptr;
}

size_t Session::unsent_bytes(BrokerId node) const {
  const Peer* p = find_peer(node);
  return p && p->connection ? p->connection->unsent_bytes() : 0;
}

// --- keeping connected ---

Status Session::keep_connected() {
  if (auto due = view_.due_ms(); due && now_ms() >= *due) ask_metadata();
  if (!waiting_.empty() && !any_ready()) BOBBIN_TRY(want_any());
  for (auto& p : peers_)
    if (!p->connection && (p->wanted || !p->pending.empty()) && now_ms() >= p->not_before) BOBBIN_TRY(connect(*p));
  return {};
}

Status Session::want_any() {
  if (is_local()) {
    auto alive = local_.living();
    if (alive.empty()) return opened_ ? local_.revive_all(now_ms()) : local_.start_first(now_ms());
    for (BrokerId id : alive) peer(id).wanted = true;
    return {};
  }
  for (auto& p : peers_) p->wanted = true;
  return {};
}

Status Session::need(const std::string& topic, PartitionId number) {
  refresh_metadata();
  const PartitionView* partition = topology().partition(topic, number);
  if (!is_local() || !partition) return {};
  return local_.need(topic + "-" + to_string(number), *partition, now_ms());
}

// --- metadata ---

void Session::ask_metadata() {
  send(view_.ask(now_ms(), target_.client_id, target_.timeout_ms, [this] {
    if (!is_local()) adopt_addresses();
  }));
}

// A broker that is not told of any more is forgotten, unless something is still to be heard from it.
void Session::adopt_addresses() {
  std::erase_if(peers_, [this](const auto& p) {
    bool is_used = !p->pending.empty() || (p->connection && !p->connection->is_idle());
    return p->id != any_node && !is_used && !topology().nodes.contains(p->id);
  });
  for (auto& p : peers_) {
    auto it = topology().nodes.find(p->id);
    if (p->id != any_node && it != topology().nodes.end() && !p->connection)
      p->address = {it->second.host, static_cast<uint16_t>(it->second.port)};
  }
}

Status Session::fetch_metadata(const std::vector<std::string>& topics) {
  for (const auto& topic : topics) view_.follow(topic);
  int64_t give_up_at = now_ms() + target_.timeout_ms;
  // One under way now may have been asked before the topics were named.
  bool pass = view_.is_under_way();
  uint64_t seen = view_.version();
  view_.allow_at_once(now_ms());
  if (!pass) view_.refresh();
  for (;;) {
    if (view_.version() != seen) {
      if (!pass) return {};
      pass = false;
      seen = view_.version();
      view_.refresh();
    }
    if (now_ms() >= give_up_at) return nobody_answered();
    uint64_t failures = view_.failures();
    BOBBIN_TRY(wait({}, give_up_at - now_ms()));
    if (view_.failures() == failures) continue;
    if (view_.error().code != Errc::disconnected && view_.error().code != Errc::no_answer) return view_.error();
    view_.refresh();
  }
}

Result<std::vector<TopicView>> Session::list_topics() {
  std::optional<Result<RawAnswer>> answer;
  Call call = ClusterView::ask_for_all(target_.client_id);
  call.done = [&answer](Result<RawAnswer> raw) { answer.emplace(std::move(raw)); };
  send(std::move(call));
  while (!answer) BOBBIN_TRY(wait({}, -1));
  return ClusterView::all_of(std::move(*answer));
}

// --- waiting ---

void Session::place_waiting() {
  while (!waiting_.empty()) {
    Peer* p = any_ready();
    if (!p) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    p->connection->send(std::move(next.call), next.deadline, finished_);
  }
}

void Session::expire() {
  for (auto& p : peers_)
    if (p->connection)
      if (Status s = p->connection->expire(now_ms(), finished_); !s) lost(*p, s.error());
  for (size_t i = 0; i < waiting_.size();) {
    if (waiting_[i].deadline > now_ms()) {
      i++;
      continue;
    }
    finished_.push_back({std::move(waiting_[i].call.done), nobody_answered()});
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

bool Session::tell_finished() {
  if (finished_.empty()) return false;
  auto finished = std::move(finished_);
  finished_.clear();
  for (auto& f : finished) f.done(std::move(f.result));
  return true;
}

int64_t Session::poll_ms(int64_t wait_ms) const {
  if (!finished_.empty()) return 0;
  int64_t first = wait_ms < 0 ? INT64_MAX : now_ms() + wait_ms;
  for (const auto& p : peers_) {
    if (p->connection) first = std::min(first, p->connection->deadline().value_or(INT64_MAX));
    else if (p->wanted || !p->pending.empty()) first = std::min(first, p->not_before);
  }
  for (const auto& w : waiting_) first = std::min(first, w.deadline);
  // Nobody to connect to yet: look again whether somebody lives.
  if (!waiting_.empty() && !any_is_ready()) first = std::min(first, now_ms() + retry_pause_ms);
  if (auto due = view_.due_ms()) first = std::min(first, *due);
  if (first == INT64_MAX) return -1;
  return std::max<int64_t>(first - now_ms(), 0);
}

Status Session::wait(std::span<os::WaitFd> also, int64_t wait_ms, const std::function<bool()>& is_news) {
  patience_.tick(clock_->mono_ms(), 0);
  BOBBIN_TRY(keep_connected());
  flush();

  fds_.assign(also.begin(), also.end());
  const Peer* alone = read_alone();
  for (auto& p : peers_) {
    os::WaitFd fd;
    if (p->connection) fd = {p->connection->fd(), !alone || alone == p.get(), p->connection->wants_write()};
    fds_.push_back(fd);
  }
  int64_t sleep_ms = poll_ms(wait_ms);
  BOBBIN_TRY(sleep(sleep_ms, is_news));
  patience_.tick(clock_->mono_ms(), sleep_ms);
  std::copy_n(fds_.begin(), also.size(), also.begin());
  size_t count = fds_.size() - also.size();
  for (size_t i = 0; i < count; i++) {
    const auto& fd = fds_[also.size() + i];
    if (peers_[i]->connection && (fd.readable || fd.writable || fd.hangup)) advance(*peers_[i]);
  }
  place_waiting();
  expire();
  tell_finished();
  return {};
}

// The one whose answer is the largest, when those of all together take more memory than they may: it is read to its end
// before anything more of the others.
const Session::Peer* Session::read_alone() const {
  size_t sum = 0, most = 0;
  const Peer* largest = nullptr;
  for (const auto& p : peers_) {
    size_t bytes = p->connection ? p->connection->arrived_bytes() : 0;
    sum += bytes;
    if (bytes > most) largest = p.get();
    most = std::max(most, bytes);
  }
  return sum > arrived_bytes_max ? largest : nullptr;
}

void Session::flush() {
  place_waiting();
  for (auto& p : peers_)
    if (p->connection && p->connection->wants_write() && !p->connection->flush()) advance(*p);
}

Status Session::sleep(int64_t sleep_ms, const std::function<bool()>& is_news) {
  if (!target_.busy || sleep_ms == 0) {
    BOBBIN_TRY(os::wait(fds_, sleep_ms));
    return {};
  }
  int64_t until = clock_->mono_ms() + sleep_ms;
  for (;;) {
    BOBBIN_TRY_ASSIGN(ready, os::wait(fds_, 0));
    if (ready > 0 || (is_news && is_news()) || (sleep_ms > 0 && clock_->mono_ms() >= until)) return {};
    os::yield();
  }
}

// --- for people ---

Error Session::nobody_answered() const {
  std::string why = trouble_.empty() ? "" : " (" + trouble_ + ")";
  if (is_local())
    return error(Errc::no_answer, "no broker of " + target_.dir + " answered in time" + why +
                                      "; `bobbin broker status` tells what runs");
  return error(Errc::no_answer, "no broker at " + target_.bootstrap + " answered in time" + why +
                                    "; is that the address of a Kafka listener?");
}

std::string Session::awaited() const {
  if (!waiting_.empty() && !any_is_ready())
    return is_local() ? "a broker of " + target_.dir : "a broker at " + target_.bootstrap;
  for (const auto& p : peers_)
    if ((p->wanted || !p->pending.empty()) && !p->is_ready() && p->id != any_node) return "broker " + to_string(p->id);
  return {};
}

}  // namespace bobbin::client
