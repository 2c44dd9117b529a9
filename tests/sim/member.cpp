#include "sim/member.h"

#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/sync_group.h"

namespace bobbin::sim {

namespace {
constexpr int16_t find_version = 1, join_version = 5, sync_version = 3, heartbeat_version = 3, commit_version = 7,
                  fetch_version = 5;
constexpr int32_t session_ms = 1500, rebalance_ms = 2000;
constexpr int groups = 2;
}  // namespace

Member::Member(Stage& stage, Network& network, Nodes& nodes, Model& model, Positions& positions, int number)
    : stage_(stage), model_(model), positions_(positions), caller_(stage, network, nodes), number_(number),
      group_("g" + std::to_string(number % groups)) {}

bool Member::wants_to_act() {
  if (rests_until_ && stage_.clock.mono < *rests_until_) return false;
  rests_until_.reset();
  return !asking_;
}

void Member::act() {
  switch (step_) {
    case Step::find:
      return find();
    case Step::join:
      return join();
    case Step::sync:
      return sync();
    case Step::fetch:
      return fetch();
    case Step::work:
      return work();
  }
}

// Whatever is under way on a lost connection may still be done, so that nothing more is said in its name.
void Member::begin_anew() {
  id_.clear();
  generation_ = -1;
  go(Step::find);
  rest(50);
}

template <class Request, class Response, class F>
void Member::ask(int16_t version, const Request& request, F then) {
  asking_ = caller_.ask<Request, Response>(node_, version, request, [this, then](std::optional<Response> answer) {
    asking_ = false;
    if (!answer) return begin_anew();
    then(*answer);
  });
  if (asking_) return;
  go(Step::find);
  rest(50);
}

bool Member::follow(Errc code) {
  stage_.note([&] { return text() + " of " + group_ + " gets " + std::string(name(code)); });
  rest(60);
  switch (code) {
    case Errc::not_coordinator:
    case Errc::coordinator_not_available:
      return go(Step::find), true;
    case Errc::coordinator_load_in_progress:
      return true;
    case Errc::rebalance_in_progress:
      return go(Step::join), true;
    case Errc::illegal_generation:
    case Errc::unknown_member_id:
      id_.clear();
      return go(Step::join), true;
    default:
      stage_.violate(text() + " gets " + std::string(name(code)));
      return false;
  }
}

void Member::find() {
  node_ = stage_.random.below(caller_.nodes());
  protocol::FindCoordinatorRequest request;
  request.key = group_;
  using Answer = protocol::FindCoordinatorResponse;
  ask<protocol::FindCoordinatorRequest, Answer>(find_version, request, [this](const Answer& told) {
    if (told.error_code != 0) return void(follow(static_cast<Errc>(told.error_code)));
    node_ = static_cast<size_t>(told.node_id) - 1;
    // It goes on where another coordinator has what the one before it had.
    go(id_.empty() || generation_ < 0 ? Step::join : has_fetched_ ? Step::work : Step::join);
  });
}

void Member::join() {
  has_fetched_ = false;
  protocol::JoinGroupRequest request;
  request.group_id = group_;
  request.session_timeout_ms = session_ms;
  request.rebalance_timeout_ms = rebalance_ms;
  request.member_id = id_;
  request.protocol_type = "consumer";
  request.protocols.push_back({"all", "anything"});
  using Answer = protocol::JoinGroupResponse;
  ask<protocol::JoinGroupRequest, Answer>(join_version, request, [this](const Answer& told) {
    const auto code = static_cast<Errc>(told.error_code);
    if (code == Errc::member_id_required) {
      id_ = told.member_id;
      return;
    }
    if (code != Errc::none) return void(follow(code));
    id_ = told.member_id;
    generation_ = told.generation_id;
    leads_ = told.leader == id_;
    members_.clear();
    for (const auto& each : told.members) members_.push_back(each.member_id);
    stage_.note([&] { return text() + " is in generation " + std::to_string(generation_) + " of " + group_; });
    go(Step::sync);
  });
}

// Every partition to somebody: "t0 0,t0 1," as text.
std::map<std::string, std::string> Member::shares() const {
  std::map<std::string, std::string> all;
  for (const std::string& id : members_) all[id];
  size_t next = static_cast<size_t>(generation_);
  for (const TopicId& id : model_.topics(Topic::State::there)) {
    const Topic& topic = *model_.find(id);
    for (int32_t p = 0; p < topic.partitions_promised; p++)
      all[members_[next++ % members_.size()]] += topic.plan.name + " " + std::to_string(p) + ",";
  }
  return all;
}

bool Member::take_share(const std::string& text) {
  its_.clear();
  for (size_t at = 0; at < text.size();) {
    const size_t space = text.find(' ', at), end = text.find(',', at);
    if (space == std::string::npos || end == std::string::npos) return false;
    its_[{text.substr(at, space - at), std::stoi(text.substr(space + 1, end - space - 1))}] = 0;
    at = end + 1;
  }
  return true;
}

void Member::sync() {
  protocol::SyncGroupRequest request;
  request.group_id = group_;
  request.generation_id = generation_;
  request.member_id = id_;
  const auto given = leads_ ? shares() : std::map<std::string, std::string>();
  for (const auto& [id, share] : given) {
    request.assignments.push_back({id, share});
    positions_.shared(group_, generation_, id, share);
  }
  using Answer = protocol::SyncGroupResponse;
  ask<protocol::SyncGroupRequest, Answer>(sync_version, request, [this](const Answer& told) {
    if (told.error_code != 0) return void(follow(static_cast<Errc>(told.error_code)));
    const std::string share(told.assignment);
    positions_.told_share(group_, generation_, id_, share);
    if (!take_share(share)) return stage_.violate(text() + " gets a share that is none");
    stage_.counters.add(Event::share_told);
    go(Step::fetch);
  });
}

void Member::fetch() {
  protocol::OffsetFetchRequest request;
  request.group_id = group_;
  request.topics.emplace();
  std::map<Part, int64_t> floors;
  for (const auto& [part, position] : its_) {
    request.topics->push_back({part.topic, {part.partition}});
    floors[part] = positions_.floor(group_, part);
  }
  using Answer = protocol::OffsetFetchResponse;
  ask<protocol::OffsetFetchRequest, Answer>(fetch_version, request, [this, floors](const Answer& told) {
    if (told.error_code != 0) return void(follow(static_cast<Errc>(told.error_code)));
    if (told.topics.size() != floors.size()) return stage_.violate(text() + " asked for other positions");
    for (const auto& topic : told.topics) {
      const auto& partition = topic.partitions.at(0);
      const Part part{topic.name, partition.partition_index};
      if (partition.error_code != 0) return void(follow(static_cast<Errc>(partition.error_code)));
      positions_.told(group_, part, partition.committed_offset, floors.at(part));
      its_[part] = std::max<int64_t>(partition.committed_offset, 0);
    }
    has_fetched_ = true;
    go(Step::work);
  });
}

void Member::work() {
  if (its_.empty()) has_worked_ = true;
  if (its_.empty() || stage_.chance(1, 4)) return beat();
  commit();
}

void Member::beat() {
  protocol::HeartbeatRequest request;
  request.group_id = group_;
  request.generation_id = generation_;
  request.member_id = id_;
  using Answer = protocol::HeartbeatResponse;
  ask<protocol::HeartbeatRequest, Answer>(heartbeat_version, request, [this](const Answer& told) {
    if (told.error_code != 0) return void(follow(static_cast<Errc>(told.error_code)));
    rest(200);
  });
}

void Member::commit() {
  const auto at = std::next(its_.begin(), static_cast<std::ptrdiff_t>(stage_.random.below(its_.size())));
  const Part part = at->first;
  const int64_t position = at->second + static_cast<int64_t>(stage_.between(0, 3));
  protocol::OffsetCommitRequest request;
  request.group_id = group_;
  request.generation_id_or_member_epoch = generation_;
  request.member_id = id_;
  request.topics.push_back({part.topic, {}, {{part.partition, position, -1, std::nullopt}}});
  positions_.sent(group_, part, position);
  using Answer = protocol::OffsetCommitResponse;
  ask<protocol::OffsetCommitRequest, Answer>(commit_version, request, [this, part, position](const Answer& told) {
    const auto code = static_cast<Errc>(told.topics.at(0).partitions.at(0).error_code);
    // What was refused may have been written all the same: nothing before it is said any more.
    if (auto it = its_.find(part); it != its_.end()) it->second = position;
    if (code != Errc::none) return void(follow(code));
    positions_.acknowledged(group_, part, position);
    has_worked_ = true;
    rest(80);
  });
}

void Member::begin_last_round() {
  last_round_ = true;
  has_worked_ = false;
  rests_until_.reset();
}

std::string Member::unfinished() const {
  return is_done() ? std::string()
                   : text() + " of " + group_ + " is at step " + std::to_string(static_cast<int>(step_));
}

}  // namespace bobbin::sim
