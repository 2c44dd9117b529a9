#include "client/peers.h"

#include <algorithm>

#include "client/connection.h"

namespace bobbin::client {

namespace {

// Half-way answers of all brokers; beyond, they are read one after the other.
constexpr size_t arrived_bytes_max = 256 << 20;

Address address_of(const Node& node) { return {node.host, static_cast<uint16_t>(node.port)}; }

}  // namespace

// --- who is there ---

Peer& Peers::peer(BrokerId node, Lane lane) {
  for (auto& p : peers_)
    if (p->id() == node && p->lane() == lane) return *p;
  auto known = topology_.nodes.find(node);
  peers_.push_back(
      std::make_unique<Peer>(node, known == topology_.nodes.end() ? Address() : address_of(known->second), lane));
  return *peers_.back();
}

void Peers::adopt_addresses() {
  std::erase_if(peers_, [this](const auto& p) {
    return p->id() != any_node && !p->is_used() && !topology_.nodes.contains(p->id());
  });
  for (auto& p : peers_) {
    auto known = topology_.nodes.find(p->id());
    if (p->id() != any_node && known != topology_.nodes.end() && !p->connection())
      p->move_to(address_of(known->second));
  }
}

// Of any, one without questions is asked first: one that hangs has some.
Connection* Peers::ready(BrokerId node) const {
  Connection* found = nullptr;
  for (const auto& p : peers_) {
    if (!p->is_ready() || p->lane() != Lane::data || (node != any_node && p->id() != node)) continue;
    if (p->connection()->is_idle()) return p->connection();
    if (!found) found = p->connection();
  }
  return found;
}

bool Peers::is_lost(BrokerId node) const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [node](const auto& p) { return p->id() == node && p->lane() == Lane::data && p->is_lost(); });
}

void Peers::want_all() {
  for (auto& p : peers_) p->want();
}

// --- connections ---

Status Peers::connect_due() {
  for (auto& p : peers_)
    if (p->is_due(patience_.now_ms())) BOBBIN_TRY(connect(*p));
  return {};
}

Status Peers::connect(Peer& p) {
  auto channel = connect_(p);
  if (!channel) {
    lose(p, channel.error());
    // Waiting changes nothing about whose cluster it is.
    if (is_local() && channel.error().code == Errc::permission_denied) return std::move(channel).error();
    return {};
  }
  p.connected(
      std::make_unique<Connection>(std::move(*channel), target_.client_id, patience_.now_ms() + target_.timeout_ms));
  return {};
}

void Peers::lose(Peer& p, const Error& why) {
  trouble_ = why.message;
  for (auto& call : p.lost(patience_.now_ms()))
    finished_.push_back({std::move(call.done), error(Errc::disconnected, why.message)});
}

void Peers::advance(Peer& p) {
  bool was_ready = p.is_ready();
  if (Status s = p.connection()->advance(finished_); !s) return lose(p, s.error());
  if (was_ready || !p.is_ready()) return;
  for (auto& call : p.answered()) submit(p, std::move(call));
}

// --- calls ---

int64_t Peers::deadline_of(const Call& call) const {
  return patience_.now_ms() + (call.timeout_ms > 0 ? call.timeout_ms : target_.timeout_ms);
}

void Peers::send(Call call) {
  if (call.node == any_node) {
    int64_t deadline = deadline_of(call);
    waiting_.push_back({std::move(call), deadline});
    return;
  }
  Peer& p = peer(call.node, call.lane);
  if (p.is_ready()) submit(p, std::move(call));
  else p.hold(std::move(call));
}

void Peers::submit(Peer& p, Call call) {
  int64_t deadline = deadline_of(call);
  p.connection()->send(std::move(call), deadline, finished_);
}

void Peers::place_waiting() {
  while (!waiting_.empty()) {
    Connection* connection = ready(any_node);
    if (!connection) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    connection->send(std::move(next.call), next.deadline, finished_);
  }
}

void Peers::flush() {
  place_waiting();
  for (auto& p : peers_)
    if (p->connection() && p->connection()->wants_write() && !p->connection()->flush()) advance(*p);
}

void Peers::watch(std::vector<os::WaitFd>& fds) const {
  const Peer* alone = read_alone();
  for (const auto& p : peers_) {
    os::WaitFd fd;
    if (p->connection()) fd = {p->connection()->fd(), !alone || alone == p.get(), p->connection()->wants_write()};
    fds.push_back(fd);
  }
}

void Peers::advance(std::span<const os::WaitFd> fds) {
  for (size_t i = 0; i < fds.size(); i++)
    if (peers_[i]->connection() && (fds[i].readable || fds[i].writable || fds[i].hangup)) advance(*peers_[i]);
  place_waiting();
  expire();
}

// The one whose answer is the largest, when those of all together take more memory than they may: it is read to its end
// before anything more of the others.
const Peer* Peers::read_alone() const {
  size_t sum = 0, most = 0;
  const Peer* largest = nullptr;
  for (const auto& p : peers_) {
    size_t bytes = p->connection() ? p->connection()->arrived_bytes() : 0;
    sum += bytes;
    if (bytes > most) largest = p.get();
    most = std::max(most, bytes);
  }
  return sum > arrived_bytes_max ? largest : nullptr;
}

void Peers::expire() {
  for (auto& p : peers_)
    if (p->connection())
      if (Status s = p->connection()->expire(patience_.now_ms(), finished_); !s) lose(*p, s.error());
  for (size_t i = 0; i < waiting_.size();) {
    if (waiting_[i].deadline > patience_.now_ms()) {
      i++;
      continue;
    }
    finished_.push_back({std::move(waiting_[i].call.done), nobody_answered()});
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

int64_t Peers::due_ms() const {
  if (!finished_.empty()) return patience_.now_ms();
  int64_t first = INT64_MAX;
  for (const auto& p : peers_) first = std::min(first, p->due_ms());
  for (const auto& w : waiting_) first = std::min(first, w.deadline);
  // Nobody to connect to yet: look again whether somebody lives.
  return needs_any() ? std::min(first, patience_.now_ms() + retry_pause_ms) : first;
}

void Peers::tell_finished() {
  auto finished = std::move(finished_);
  finished_.clear();
  for (auto& f : finished) f.done(std::move(f.result));
}

// --- for people ---

Error Peers::nobody_answered() const {
  std::string why = trouble_.empty() ? "" : " (" + trouble_ + ")";
  if (is_local())
    return error(Errc::no_answer, "no broker of " + target_.dir + " answered in time" + why +
                                      "; `bobbin broker status` tells what runs");
  return error(Errc::no_answer, "no broker at " + target_.bootstrap + " answered in time" + why +
                                    "; is that the address of a Kafka listener?");
}

std::string Peers::awaited() const {
  if (needs_any()) return is_local() ? "a broker of " + target_.dir : "a broker at " + target_.bootstrap;
  for (const auto& p : peers_)
    if (p->is_wanted() && !p->is_ready() && p->id() != any_node) return "broker " + to_string(p->id());
  return {};
}

}  // namespace bobbin::client
