#include "client/session.h"

#include <algorithm>

#include "client/address.h"
#include "client/connection.h"
#include "os/posix/clock.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"
#include "os/process.h"

namespace bobbin::client {

namespace {

Result<transport::Channel> connect_tcp(const Peer& peer) {
  if (peer.address().host.empty())
    return error(Errc::no_answer,
                 "the cluster tells no address of broker " + to_string(peer.id()) + " that could be one");
  return transport::Channel::connect_tcp(peer.address().host, peer.address().port);
}

}  // namespace

Session::Session(Target target)
    : target_(std::move(target)), clock_(std::make_unique<os::PosixClock>()),
      random_(std::make_unique<os::PosixRandom>()), storage_(std::make_unique<os::PosixStorage>()),
      patience_(clock_->mono_ms()), local_(target_, *storage_,
                                           {[this](BrokerId id) { peers_.retry_at_once(id); },
                                            [this](const std::string& why) { peers_.note_trouble(why); }}),
      peers_(target_, view_.topology(), patience_,
             [this](const Peer& peer) { return is_local() ? local_.connect(peer.id()) : connect_tcp(peer); }) {}

Session::~Session() = default;

// --- opening ---

Result<std::unique_ptr<Session>> Session::open(Target target) {
  std::unique_ptr<Session> session(new Session(std::move(target)));
  BOBBIN_TRY(session->start());
  return session;
}

Status Session::start() {
  if (!is_local()) {
    BOBBIN_TRY_ASSIGN(addresses, parse_addresses(target_.bootstrap));
    for (Address& address : addresses) peers_.add(std::move(address));
  } else if (local_.living().empty()) {
    BOBBIN_TRY(local_.start_first(now_ms()));
  }
  BOBBIN_TRY(fetch_metadata({}));
  opened_ = true;
  return {};
}

// --- brokers ---

bool Session::is_ready(BrokerId node) {
  if (node != any_node) peers_.want(node);
  return peers_.ready(node) != nullptr;
}

std::optional<transport::FrameMemory::Piece> Session::take_memory(BrokerId node, size_t bytes) {
  Connection* connection = peers_.ready(node);
  return connection ? connection->take_memory(bytes) : std::nullopt;
}

std::shared_ptr<const region::RegionView> Session::region(BrokerId node) {
  Connection* connection = peers_.ready(node);
  return connection ? connection->region() : nullptr;
}

Status Session::want_any() {
  if (!is_local()) {
    peers_.want_all();
    return {};
  }
  auto alive = local_.living();
  if (alive.empty()) return opened_ ? local_.revive_all(now_ms()) : local_.start_first(now_ms());
  for (BrokerId id : alive) peers_.want(id);
  return {};
}

Status Session::keep_connected() {
  if (auto due = view_.due_ms(); due && now_ms() >= *due)
    send(view_.ask(now_ms(), target_.client_id, target_.timeout_ms, [this] {
      if (!is_local()) peers_.adopt_addresses();
    }));
  if (peers_.needs_any()) BOBBIN_TRY(want_any());
  return peers_.connect_due();
}

Status Session::need(const std::string& topic, PartitionId number) {
  refresh_metadata();
  const PartitionView* partition = topology().partition(topic, number);
  if (!is_local() || !partition) return {};
  return local_.need(topic + "-" + to_string(number), *partition, now_ms());
}

// --- metadata ---

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
    if (now_ms() >= give_up_at) return peers_.nobody_answered();
    uint64_t failures = view_.failures();
    BOBBIN_TRY(wait({}, give_up_at - now_ms()));
    if (view_.failures() == failures) continue;
    if (view_.error().code != Errc::disconnected && view_.error().code != Errc::no_answer) return view_.error();
    view_.refresh();
  }
}

// --- waiting ---

int64_t Session::poll_ms(int64_t wait_ms) const {
  int64_t first = wait_ms < 0 ? INT64_MAX : now_ms() + wait_ms;
  first = std::min({first, peers_.due_ms(), view_.due_ms().value_or(INT64_MAX)});
  return first == INT64_MAX ? -1 : std::max<int64_t>(first - now_ms(), 0);
}

Status Session::wait(std::span<os::WaitFd> also, int64_t wait_ms, const std::function<bool()>& is_news) {
  patience_.tick(clock_->mono_ms(), 0);
  BOBBIN_TRY(keep_connected());
  flush();

  fds_.assign(also.begin(), also.end());
  peers_.watch(fds_);
  int64_t sleep_ms = poll_ms(wait_ms);
  BOBBIN_TRY(sleep(sleep_ms, is_news));
  patience_.tick(clock_->mono_ms(), sleep_ms);
  std::copy_n(fds_.begin(), also.size(), also.begin());
  peers_.advance(std::span(fds_).subspan(also.size()));
  peers_.tell_finished();
  return {};
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

}  // namespace bobbin::client
