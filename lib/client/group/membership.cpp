#include "client/group/membership.h"

#include <algorithm>

#include "client/admin/sentences.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/sync_group.h"

namespace bobbin::client {

namespace {

constexpr std::string_view consumers = "consumer";
constexpr int64_t leave_ms_max = 1000;
constexpr int64_t look_ms = 2000;

std::map<std::string, int32_t, std::less<>> partition_counts(const Topology& topology,
                                                             const std::vector<std::string>& topics) {
  std::map<std::string, int32_t, std::less<>> counts;
  for (const std::string& name : topics) {
    const TopicView* topic = topology.topic(name);
    counts[name] = topic && topic->error == Errc::none ? static_cast<int32_t>(topic->partitions.size()) : 0;
  }
  return counts;
}

// Whatever cannot be read is subscribed to nothing.
assignor::Member member_of(const protocol::JoinGroupResponse::JoinGroupResponseMember& told) {
  assignor::Member member;
  member.id = told.member_id;
  member.instance_id = told.group_instance_id;
  if (auto subscription = assignor::decode_subscription(told.metadata)) member.subscription = std::move(*subscription);
  return member;
}

}  // namespace

Membership::Membership(Session& session, MembershipOptions options)
    : session_(session), options_(std::move(options)), coordinator_(session, options_.group) {}

// --- what is due ---

Status Membership::advance() {
  if (failure_) return *failure_;
  if (to_share_) BOBBIN_TRY(share());
  if (coordinator_.missing_ms() > session_.target().timeout_ms)
    return error(Errc::no_answer, "nobody coordinates group " + options_.group + " (" + coordinator_.trouble() + ")");
  if (!coordinator_.node() || session_.now_ms() < not_before_) return {};
  if (state_ == State::joining && !under_way_) join();
  if (state_ == State::stable && !counted_.empty() && session_.now_ms() >= look_at_) {
    look_at_ = session_.now_ms() + look_ms;
    session_.refresh_metadata();
  }
  if (state_ == State::stable && counts_changed()) {
    state_ = State::handing_over;
    term_++;
  }
  const bool is_member = state_ == State::stable || state_ == State::handing_over;
  if (is_member && !beating_ && session_.now_ms() >= beat_at_) heartbeat();
  return {};
}

int64_t Membership::due_ms() const {
  if (state_ == State::left) return INT64_MAX;
  int64_t due = coordinator_.due_ms();
  if (to_share_) return session_.now_ms();
  if (state_ == State::joining && !under_way_) due = std::min(due, not_before_);
  if ((state_ == State::stable || state_ == State::handing_over) && !beating_)
    due = std::min(due, std::max(beat_at_, not_before_));
  if (state_ == State::stable && !counted_.empty()) due = std::min(due, look_at_);
  return due;
}

bool Membership::ask_again(Errc code) {
  const bool lost = code == Errc::disconnected || code == Errc::no_answer;
  if (!lost && !is_of_coordinator(code)) return false;
  if (code != Errc::coordinator_load_in_progress) coordinator_.lost();
  not_before_ = session_.now_ms() + 1;
  return true;
}

void Membership::begin_anew(bool keeps_id) {
  if (!keeps_id) member_id_.clear();
  assigned_.clear();
  generation_ = -1;
  state_ = State::joining;
  term_++;
}

void Membership::fail(Errc code, const std::string& what) {
  failure_ = kafka_error(static_cast<int16_t>(code), std::nullopt, what + " group " + options_.group);
}

// --- joining ---

void Membership::join() {
  protocol::JoinGroupRequest message;
  message.group_id = options_.group;
  message.session_timeout_ms = options_.session_timeout_ms;
  message.rebalance_timeout_ms = options_.rebalance_timeout_ms;
  message.member_id = member_id_;
  message.group_instance_id = options_.instance_id;
  message.protocol_type = consumers;
  auto metadata = std::make_shared<std::vector<std::string>>();
  for (const std::string& name : options_.assignors)
    if (const assignor::Assignor* assignor = assignor::find_assignor(name))
      metadata->push_back(assignor::encode(assignor::subscription_for(*assignor, options_.topics, std::nullopt)));
  for (size_t i = 0; i < metadata->size(); i++) message.protocols.push_back({options_.assignors[i], (*metadata)[i]});
  using Response = protocol::JoinGroupResponse;
  const int64_t timeout_ms = int64_t{options_.rebalance_timeout_ms} + session_.target().timeout_ms;
  under_way_ = coordinator_.send<protocol::JoinGroupRequest, Response>(
      std::move(message), timeout_ms, [self = self_, metadata](Result<Answer<Response>> answer) {
        if (!*self) return;
        if (!answer) return (*self)->joined(answer.error().code, -1, "", "", {});
        const Response& told = answer->body;
        Begun begun{told.leader, {}};
        for (const auto& each : told.members) begun.members.push_back(member_of(each));
        (*self)->joined(errc_from_wire(told.error_code), told.generation_id, told.protocol_name.value_or(""),
                        told.member_id, std::move(begun));
      });
}

void Membership::joined(Errc code, int32_t generation, std::string protocol, std::string member_id, Begun begun) {
  under_way_ = false;
  if (state_ != State::joining || ask_again(code)) return;
  if (code == Errc::member_id_required) {
    member_id_ = std::move(member_id);
    return;
  }
  if (code == Errc::unknown_member_id || code == Errc::rebalance_in_progress) {
    if (code == Errc::unknown_member_id) member_id_.clear();
    return;
  }
  if (code != Errc::none) return fail(code, "joining");
  member_id_ = std::move(member_id);
  generation_ = generation;
  protocol_ = std::move(protocol);
  state_ = State::syncing;
  under_way_ = true;
  counted_.clear();
  if (begun.leader == member_id_) to_share_ = std::move(begun);
  else sync({});
}

// Outside of Session::wait(), since it waits itself: for how many partitions there are.
Status Membership::share() {
  Begun begun = std::move(*to_share_);
  to_share_.reset();
  if (state_ != State::syncing) return {};
  std::set<std::string> topics;
  for (const auto& member : begun.members)
    topics.insert(member.subscription.topics.begin(), member.subscription.topics.end());
  const std::vector<std::string> names(topics.begin(), topics.end());
  BOBBIN_TRY(session_.fetch_metadata(names));
  counted_ = partition_counts(session_.topology(), names);
  look_at_ = session_.now_ms() + look_ms;
  const assignor::Assignor* assignor = assignor::find_assignor(protocol_);
  if (!assignor) return error(Errc::inconsistent_group_protocol, "the group shares its work by " + protocol_);
  sync(assignor->assign({std::move(begun.members), counted_}));
  return {};
}

bool Membership::counts_changed() const {
  if (counted_.empty()) return false;
  for (const auto& [name, count] : counted_) {
    const TopicView* topic = session_.topology().topic(name);
    if (!topic || (topic->error != Errc::none && topic->error != Errc::unknown_topic_or_partition)) continue;
    if (count != (topic->error == Errc::none ? static_cast<int32_t>(topic->partitions.size()) : 0)) return true;
  }
  return false;
}

void Membership::sync(const std::map<std::string, std::vector<assignor::TopicPartitions>>& shares) {
  protocol::SyncGroupRequest message;
  message.group_id = options_.group;
  message.generation_id = generation_;
  message.member_id = member_id_;
  message.group_instance_id = options_.instance_id;
  message.protocol_type = consumers;
  message.protocol_name = protocol_;
  auto bytes = std::make_shared<std::vector<std::string>>();
  for (const auto& [id, partitions] : shares) bytes->push_back(assignor::encode(assignor::Assignment{partitions, {}}));
  size_t i = 0;
  for (const auto& [id, partitions] : shares) message.assignments.push_back({id, (*bytes)[i++]});
  using Response = protocol::SyncGroupResponse;
  const int64_t timeout_ms = int64_t{options_.rebalance_timeout_ms} + session_.target().timeout_ms;
  const bool sent = coordinator_.send<protocol::SyncGroupRequest, Response>(
      std::move(message), timeout_ms, [self = self_, bytes](Result<Answer<Response>> answer) {
        if (!*self) return;
        if (!answer) (*self)->synced(answer.error().code, {});
        else (*self)->synced(errc_from_wire(answer->body.error_code), answer->body.assignment);
      });
  if (!sent) synced(Errc::disconnected, {});
}

// Where it did not hear what it got it joins again: that does no harm.
void Membership::synced(Errc code, Bytes bytes) {
  under_way_ = false;
  if (state_ != State::syncing) return;
  if (code != Errc::none) {
    state_ = State::joining;
    if (ask_again(code) || code == Errc::rebalance_in_progress) return;
    if (code == Errc::illegal_generation || code == Errc::unknown_member_id)
      return begin_anew(code == Errc::illegal_generation);
    return fail(code, "getting a share of the work of");
  }
  auto assignment = assignor::decode_assignment(bytes);
  if (!assignment) return fail(assignment.error().code, "reading the share of the work of");
  assigned_ = std::move(assignment->partitions);
  state_ = State::stable;
  term_++;
  beat_at_ = session_.now_ms();
}

// --- living ---

void Membership::heartbeat() {
  protocol::HeartbeatRequest message;
  message.group_id = options_.group;
  message.generation_id = generation_;
  message.member_id = member_id_;
  message.group_instance_id = options_.instance_id;
  // A broker of ours holds it until there is news; others answer at once.
  const bool waits = session_.is_local();
  if (waits) message.wait_ms = options_.heartbeat_ms;
  using Response = protocol::HeartbeatResponse;
  beating_ = coordinator_.send<protocol::HeartbeatRequest, Response>(
      std::move(message), session_.target().timeout_ms + (waits ? options_.heartbeat_ms : 0),
      [self = self_](Result<Answer<Response>> answer) {
        if (!*self) return;
        (*self)->beaten(answer ? errc_from_wire(answer->body.error_code) : answer.error().code);
      });
}

void Membership::beaten(Errc code) {
  beating_ = false;
  beat_at_ = session_.now_ms() + (session_.is_local() ? 0 : options_.heartbeat_ms);
  if (state_ != State::stable && state_ != State::handing_over) return;
  if (code == Errc::none || ask_again(code)) return;
  if (code == Errc::rebalance_in_progress) {
    // While it hands over it goes on living, and not faster than others.
    beat_at_ = session_.now_ms() + options_.heartbeat_ms;
    if (state_ == State::stable) term_++;
    state_ = State::handing_over;
    return;
  }
  if (code == Errc::illegal_generation || code == Errc::unknown_member_id)
    return begin_anew(code == Errc::illegal_generation);
  fail(code, "being a member of");
}

void Membership::handed_over() {
  if (state_ != State::handing_over) return;
  assigned_.clear();
  state_ = State::joining;
}

void Membership::leave() {
  const auto before = std::exchange(state_, State::left);
  assigned_.clear();
  if (member_id_.empty() || options_.instance_id || before == State::left) return;
  protocol::LeaveGroupRequest message;
  message.group_id = options_.group;
  message.member_id = member_id_;
  message.members.push_back({member_id_, options_.instance_id, std::nullopt});
  using Response = protocol::LeaveGroupResponse;
  auto is_told = std::make_shared<bool>(false);
  const int64_t until = session_.now_ms() + leave_ms_max;
  if (!coordinator_.send<protocol::LeaveGroupRequest, Response>(
          std::move(message), leave_ms_max, [is_told](Result<Answer<Response>>) { *is_told = true; }))
    return;
  while (!*is_told && session_.now_ms() < until)
    if (!session_.wait({}, until - session_.now_ms())) return;
}

}  // namespace bobbin::client
