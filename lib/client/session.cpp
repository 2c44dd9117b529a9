#include "client/session.h"

#include <algorithm>

#include "base/text.h"
#include "base/topic_name.h"
#include "client/connection.h"
#include "local/place.h"
#include "client/request.h"
#include "local/starter.h"
#include "home/cluster_dir.h"
#include "os/posix/clock.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"
#include "os/process.h"
#include "protocol/messages/metadata.h"

namespace bobbin::client {

namespace {

constexpr int64_t retry_pause_ms = 20;        // after a connection was lost or refused; doubles up to ...
constexpr int64_t retry_pause_ms_max = 1000;
constexpr int64_t metadata_pause_ms_min = 10;
constexpr int64_t metadata_pause_ms_max = 500;
constexpr int64_t metadata_timeout_ms = 5000;
constexpr int64_t stopped_ms = 1000;          // the process did nothing for longer: it was stopped, not patient
constexpr int32_t metadata_bytes_max = 128 << 20;  // of an answer: a million topics fit
constexpr size_t partitions_max = 100'000;    // of one topic: ten times what Kafka's brokers make at once
constexpr size_t arrived_bytes_max = 256 << 20;  // half-way answers of all brokers; beyond, they are read one after the other

struct Address {
  std::string host;
  uint16_t port = 0;
};

// "host:port", "[::1]:9092", "host" (9092).
Result<Address> parse_address(std::string_view text) {
  text = trimmed(text);
  auto bad = [&] {
    return error(Errc::usage, "'" + escaped_for_line(text) + "' is no address of a broker: write HOST:PORT, such as localhost:9092");
  };
  Address address{"", 9092};
  std::string_view port;
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == text.npos) return bad();
    address.host = text.substr(1, end - 1);
    auto rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return bad();
    if (!rest.empty()) port = rest.substr(1);
  } else {
    auto colon = text.rfind(':');
    address.host = text.substr(0, colon);
    if (colon != text.npos) port = text.substr(colon + 1);
    if (colon != text.npos && port.empty()) return bad();
  }
  int number = 0;
  for (char c : port) {
    if (c < '0' || c > '9' || (number = number * 10 + (c - '0')) > 65535) return bad();
  }
  if (!port.empty()) address.port = static_cast<uint16_t>(number);
  if (address.host.empty() || address.port == 0) return bad();
  return address;
}

std::vector<BrokerId> broker_ids(const std::vector<int32_t>& numbers) {
  std::vector<BrokerId> ids;
  for (int32_t n : numbers) ids.emplace_back(n);
  return ids;
}

// A host that can be one, and a port that can be connected to.
bool is_address(const std::string& host, int32_t port) {
  constexpr size_t host_bytes_max = 255;  // RFC 1035
  auto is_odd = [](char c) { return c <= ' ' || c == '\x7f'; };
  return port > 0 && port <= 65535 && !host.empty() && host.size() <= host_bytes_max && std::none_of(host.begin(), host.end(), is_odd);
}

// A server's word for a topic is checked like a person's: its name becomes a path, and text on a terminal.
Status check_topics(const protocol::MetadataResponse& answer) {
  for (const auto& topic : answer.topics) {
    if (topic.name && !check_topic_name(*topic.name))
      return error(Errc::malformed, "the broker tells of a topic that cannot be one: '" + escaped_for_line(topic.name->substr(0, topic_name_bytes_max)) + "'");
    if (topic.partitions.size() > partitions_max)
      return error(Errc::malformed, "the cluster tells of a topic with " + std::to_string(topic.partitions.size()) +
                                        " partitions; more than " + std::to_string(partitions_max) + " are not believed");
  }
  return {};
}

TopicView view_of(protocol::MetadataResponse::MetadataResponseTopic& topic) {
  TopicView view;
  view.name = topic.name.value_or("");
  view.id = topic.topic_id;
  view.error = errc_from_wire(topic.error_code);
  view.internal = topic.is_internal;
  for (auto& p : topic.partitions) {
    // Partitions are numbered from 0 without holes; what lies beyond the number of those told is not believed.
    if (p.partition_index < 0 || static_cast<size_t>(p.partition_index) >= topic.partitions.size()) continue;
    if (view.partitions.size() < topic.partitions.size()) view.partitions.resize(topic.partitions.size());
    auto& to = view.partitions[static_cast<size_t>(p.partition_index)];
    to.error = errc_from_wire(p.error_code);
    to.leader = BrokerId(p.leader_id);
    to.leader_epoch = LeaderEpoch(p.leader_epoch);
    to.replicas = broker_ids(p.replica_nodes);
    to.isr = broker_ids(p.isr_nodes);
    to.offline = broker_ids(p.offline_replicas);
  }
  return view;
}

protocol::MetadataRequest ask_for(const std::set<std::string>& topics) {
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  request.topics.emplace();
  for (const auto& name : topics) {
    request.topics->emplace_back();
    request.topics->back().name = name;
  }
  return request;
}

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
    : target_(std::move(target)),
      clock_(std::make_unique<os::PosixClock>()),
      random_(std::make_unique<os::PosixRandom>()),
      storage_(std::make_unique<os::PosixStorage>()) {
  clock_seen_ = clock_->mono_ms();
  now_ = clock_seen_;
}

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

Status Session::start_local() {
  if (!living().empty()) return {};
  return revive_all();
}

Status Session::start_tcp() {
  std::string_view rest = target_.bootstrap;
  while (!rest.empty()) {
    auto comma = rest.find(',');
    auto part = rest.substr(0, comma);
    rest = comma == rest.npos ? "" : rest.substr(comma + 1);
    if (trimmed(part).empty()) continue;
    BOBBIN_TRY_ASSIGN(address, parse_address(part));
    peers_.push_back(std::make_unique<Peer>());
    peers_.back()->address = std::move(address);
  }
  if (peers_.empty()) return error(Errc::usage, "the list of brokers is empty: write HOST:PORT, such as localhost:9092");
  return {};
}

bool Session::is_alive(BrokerId broker) const { return home::is_alive(*storage_, home::ClusterDir{target_.dir}, broker); }

std::vector<BrokerId> Session::living() const {
  home::ClusterDir dir{target_.dir};
  std::vector<BrokerId> alive;
  auto ids = home::brokers(*storage_, dir);
  if (!ids) return alive;
  for (BrokerId id : *ids)
    if (home::is_alive(*storage_, dir, id)) alive.push_back(id);
  return alive;
}

// --- peers ---

Session::Peer& Session::peer(BrokerId node) {
  for (auto& p : peers_)
    if (p->id == node) return *p;
  peers_.push_back(std::make_unique<Peer>());
  auto& made = *peers_.back();
  made.id = node;
  if (auto it = topology_.nodes.find(node); it != topology_.nodes.end())
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

// Before anything is sent to it.
Status Session::check_who_answers(const transport::Channel& channel) const {
  BOBBIN_TRY_ASSIGN(who, channel.peer_credentials());
  return local::check_answerer(target_.dir, who);
}

Status Session::connect(Peer& p) {
  if (!is_local() && p.address.host.empty()) {
    lost(p, error(Errc::no_answer, "the cluster tells no address of broker " + std::to_string(p.id.value) + " that could be one"));
    return {};
  }
  auto channel = is_local() ? transport::Channel::connect_unix(home::ClusterDir{target_.dir}.broker_socket(p.id))
                            : transport::Channel::connect_tcp(p.address.host, p.address.port);
  Status good = channel ? Status() : Status(channel.error());
  if (good && is_local()) good = check_who_answers(*channel);
  if (!good) {
    lost(p, good.error());
    // Waiting changes nothing about whose cluster it is.
    if (is_local() && good.error().code == Errc::permission_denied) return good;
    return {};
  }
  p.connection = std::make_unique<Connection>(std::move(*channel), target_.client_id, now_ + target_.timeout_ms);
  return {};
}

void Session::lost(Peer& p, const Error& why) {
  p.connection.reset();
  p.wanted = false;
  p.pause_ms = std::clamp(p.pause_ms * 2, retry_pause_ms, retry_pause_ms_max);
  p.not_before = now_ + p.pause_ms;
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
  int64_t deadline = now_ + (call.timeout_ms > 0 ? call.timeout_ms : target_.timeout_ms);
  p.connection->send(std::move(call), deadline, finished_);
}

void Session::send(Call call) {
  if (call.node == any_node) {
    int64_t deadline = now_ + (call.timeout_ms > 0 ? call.timeout_ms : target_.timeout_ms);
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
  if (metadata_wanted_ && !metadata_under_way_ && now_ >= metadata_not_before_) ask_metadata();
  if (!waiting_.empty() && !any_ready()) BOBBIN_TRY(want_any());
  for (auto& p : peers_)
    if (!p->connection && (p->wanted || !p->pending.empty()) && now_ >= p->not_before) BOBBIN_TRY(connect(*p));
  return {};
}

Status Session::want_any() {
  if (is_local()) {
    auto alive = living();
    if (alive.empty()) return revive_all();
    for (BrokerId id : alive) peer(id).wanted = true;
    return {};
  }
  for (auto& p : peers_) p->wanted = true;
  return {};
}

namespace {

local::StartOptions start_options(const Target& target) {
  local::StartOptions options;
  options.program = target.program;
  options.why_not_allowed = target.why_no_autostart;
  options.arguments = target.start_arguments;
  options.timeout_ms = std::max<int64_t>(target.timeout_ms, 1000);
  options.say = target.say;
  return options;
}

}  // namespace

// No broker lives. A command that begins starts them; one that runs does, too, unless that was forbidden meanwhile.
Status Session::revive_all() {
  if (now_ < revive_not_before_) return {};
  revive_not_before_ = now_ + retry_pause_ms_max;
  if (!opened_) {
    BOBBIN_TRY_ASSIGN(started, local::ensure_running(target_.dir, target_.autostart, start_options(target_)));
    for (auto& broker : started)
      if (broker.status) return {};
    if (!started.empty()) return std::move(started.front().status);
    return {};
  }
  home::ClusterDir dir{target_.dir};
  if (!storage_->stat(dir.root)) return error(Errc::no_answer, "the cluster directory " + dir.root + " is gone");
  BOBBIN_TRY_ASSIGN(ids, home::brokers(*storage_, dir));
  BOBBIN_TRY_ASSIGN(order, home::read_stop_order(*storage_, dir));
  bool all_stopped = !ids.empty() && std::all_of(ids.begin(), ids.end(), [&](BrokerId id) { return order.covers(id); });
  if (all_stopped || order.all)
    return error(Errc::stopped, "the brokers were ordered to stop (`bobbin broker start` starts them again)");
  for (BrokerId id : ids)
    if (!order.covers(id)) BOBBIN_TRY(revive_one(id));
  return {};
}

Status Session::revive_one(BrokerId id) {
  auto started = local::revive(target_.dir, id, target_.autostart, start_options(target_));
  Status status = started ? std::move(started->status) : Status(std::move(started).error());
  if (!status && status.error().code == Errc::stopped) return status;
  // Nobody brings it back by starting something.
  if (!status && !storage_->stat(target_.dir)) return status;
  if (!status) trouble_ = status.error().message;
  // A broker that lives again is tried at once.
  if (status) peer(id).not_before = 0;
  return {};
}

Status Session::need(const std::string& topic, PartitionId number) {
  refresh_metadata();
  const PartitionView* partition = topology_.partition(topic, number);
  if (!is_local() || !partition) return {};
  home::ClusterDir dir{target_.dir};
  std::vector<BrokerId> replicas = partition->replicas;
  if (replicas.empty() && partition->leader != broker_none) replicas.push_back(partition->leader);
  for (BrokerId id : replicas)
    if (home::is_alive(*storage_, dir, id)) return {};
  if (replicas.empty() || now_ < revive_not_before_) return {};
  BOBBIN_TRY_ASSIGN(order, home::read_stop_order(*storage_, dir));
  for (BrokerId id : replicas) {
    if (order.covers(id)) continue;
    revive_not_before_ = now_ + retry_pause_ms_max;
    return revive_one(id);
  }
  return error(Errc::stopped, "broker " + std::to_string(replicas.front().value) + ", which keeps " + topic + "-" +
                                  std::to_string(number.value) + ", was ordered to stop (`bobbin broker start " +
                                  std::to_string(replicas.front().value) + "` starts it again)");
}

// --- metadata ---

void Session::follow(const std::string& topic) { followed_.insert(topic); }

void Session::refresh_metadata() { metadata_wanted_ = true; }

void Session::ask_metadata() {
  metadata_wanted_ = false;
  metadata_under_way_ = true;
  // Asked for again and again, it is asked for less and less often.
  bool again = now_ - metadata_not_before_ < 4 * metadata_pause_ms_max;
  metadata_pause_ms_ = again ? std::min(std::max(metadata_pause_ms_ * 2, metadata_pause_ms_min), metadata_pause_ms_max)
                             : metadata_pause_ms_min;
  metadata_not_before_ = now_ + metadata_pause_ms_;
  Call call;
  call.api_key = static_cast<int16_t>(protocol::ApiKey::metadata);
  call.version_min = 1;
  call.version_max = protocol::MetadataRequest::versions.last;
  call.timeout_ms = std::min(metadata_timeout_ms, target_.timeout_ms);
  call.answer_bytes_max = metadata_bytes_max;
  call.encode = [this, request = ask_for(followed_)](int32_t correlation, int16_t version) {
    return protocol::encode_request(correlation, target_.client_id, version, request);
  };
  call.done = [this](Result<RawAnswer> raw) { take_metadata(std::move(raw)); };
  send(std::move(call));
}

void Session::take_metadata(Result<RawAnswer> raw) {
  metadata_under_way_ = false;
  auto answer = decode_answer<protocol::MetadataResponse>(std::move(raw));
  Status good = answer ? check_topics(answer->body) : Status(answer.error());
  if (!good) {
    metadata_failures_++;
    metadata_error_ = good.error();
    metadata_wanted_ = metadata_error_.code == Errc::disconnected;
    return;
  }
  auto& body = answer->body;
  topology_.cluster_id = body.cluster_id.value_or("");
  topology_.controller = BrokerId(body.controller_id);
  topology_.nodes.clear();
  for (auto& b : body.brokers)
    if (b.node_id >= 0 && is_address(b.host, b.port)) topology_.nodes[BrokerId(b.node_id)] = {BrokerId(b.node_id), b.host, b.port, b.rack};
  // Others were not asked for, and would be kept for ever.
  for (auto& topic : body.topics)
    if (topic.name && followed_.contains(*topic.name)) topology_.topics[*topic.name] = view_of(topic);
  if (!is_local()) adopt_addresses();
  topology_version_++;
}

// A broker that is not told of any more is forgotten, unless something is still to be heard from it.
void Session::adopt_addresses() {
  std::erase_if(peers_, [this](const auto& p) {
    bool is_used = !p->pending.empty() || (p->connection && !p->connection->is_idle());
    return p->id != any_node && !is_used && !topology_.nodes.contains(p->id);
  });
  for (auto& p : peers_) {
    auto it = topology_.nodes.find(p->id);
    if (p->id != any_node && it != topology_.nodes.end() && !p->connection)
      p->address = {it->second.host, static_cast<uint16_t>(it->second.port)};
  }
}

Status Session::fetch_metadata(const std::vector<std::string>& topics) {
  for (const auto& topic : topics) follow(topic);
  int64_t give_up_at = now_ + target_.timeout_ms;
  // One under way now may have been asked before the topics were named.
  bool pass = metadata_under_way_;
  uint64_t seen = topology_version_;
  metadata_not_before_ = std::min(metadata_not_before_, now_);
  if (!pass) refresh_metadata();
  for (;;) {
    if (topology_version_ != seen) {
      if (!pass) return {};
      pass = false;
      seen = topology_version_;
      refresh_metadata();
    }
    if (now_ >= give_up_at) return nobody_answered();
    uint64_t failures = metadata_failures_;
    BOBBIN_TRY(wait({}, give_up_at - now_));
    if (metadata_failures_ == failures) continue;
    if (metadata_error_.code != Errc::disconnected && metadata_error_.code != Errc::no_answer) return metadata_error_;
    refresh_metadata();
  }
}

Result<std::vector<TopicView>> Session::list_topics() {
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  CallOptions options;
  options.version_min = 1;
  options.answer_bytes_max = metadata_bytes_max;
  auto answer = ask<protocol::MetadataRequest, protocol::MetadataResponse>(*this, options, std::move(request));
  if (!answer) return std::move(answer).error();
  BOBBIN_TRY(check_topics(answer->body));
  std::vector<TopicView> topics;
  for (auto& topic : answer->body.topics)
    if (topic.name) topics.push_back(view_of(topic));
  std::sort(topics.begin(), topics.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return topics;
}

// --- waiting ---

void Session::tick(int64_t allowed_ms) {
  int64_t clock = clock_->mono_ms();
  int64_t passed = std::max<int64_t>(clock - clock_seen_, 0);
  clock_seen_ = clock;
  now_ += allowed_ms < 0 ? passed : std::min(passed, allowed_ms + stopped_ms);
}

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
      if (Status s = p->connection->expire(now_, finished_); !s) lost(*p, s.error());
  for (size_t i = 0; i < waiting_.size();) {
    if (waiting_[i].deadline > now_) {
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
  int64_t first = wait_ms < 0 ? INT64_MAX : now_ + wait_ms;
  for (const auto& p : peers_) {
    if (p->connection)
      first = std::min(first, p->connection->deadline().value_or(INT64_MAX));
    else if (p->wanted || !p->pending.empty())
      first = std::min(first, p->not_before);
  }
  for (const auto& w : waiting_) first = std::min(first, w.deadline);
  // Nobody to connect to yet: look again whether somebody lives.
  if (!waiting_.empty() && !any_is_ready()) first = std::min(first, now_ + retry_pause_ms);
  if (metadata_wanted_ && !metadata_under_way_) first = std::min(first, metadata_not_before_);
  if (first == INT64_MAX) return -1;
  return std::max<int64_t>(first - now_, 0);
}

Status Session::wait(std::span<os::WaitFd> also, int64_t wait_ms, const std::function<bool()>& is_news) {
  tick(0);
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
  tick(sleep_ms);
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
    return error(Errc::no_answer, "no broker of " + target_.dir + " answered in time" + why + "; `bobbin broker status` tells what runs");
  return error(Errc::no_answer, "no broker at " + target_.bootstrap + " answered in time" + why + "; is that the address of a Kafka listener?");
}

std::string Session::awaited() const {
  if (!waiting_.empty() && !any_is_ready()) return is_local() ? "a broker of " + target_.dir : "a broker at " + target_.bootstrap;
  for (const auto& p : peers_)
    if ((p->wanted || !p->pending.empty()) && !p->is_ready() && p->id != any_node)
      return "broker " + std::to_string(p->id.value);
  return {};
}

}  // namespace bobbin::client
