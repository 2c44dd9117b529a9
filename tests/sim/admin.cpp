#include "sim/admin.h"

#include "metadata/elections.h"
#include "metadata/reassignments.h"

namespace bobbin::sim {

namespace {
constexpr int32_t partitions_max = 3;

// The disk, or the metadata lock: nobody knows whether it was done.
bool is_unclear(Errc code) { return code == Errc::kafka_storage_error || code == Errc::unknown_server_error; }

// Not enough of them are there at the moment.
bool needs_brokers(Errc code, size_t brokers) { return code == Errc::invalid_replication_factor && brokers > 1; }
}  // namespace

Admin::Admin(Stage& stage, Network& network, Nodes& nodes, Model& model, const Profile& profile)
    : stage_(stage), nodes_(nodes), model_(model), profile_(profile), caller_(stage, network, nodes),
      elects_to_the_end_(stage.chance(1, 2)) {}

bool Admin::wants_to_act() {
  if (rests_until_ && stage_.clock.mono < *rests_until_) return false;
  rests_until_.reset();
  if (asking_) return false;
  return !stopped_ || !looking_.empty() || (elects_to_the_end_ && could_lead_again());
}

void Admin::act() {
  if (!looking_.empty()) return look(*looking_.begin(), true);
  if (stopped_) return elect_leaders();
  size_t there = model_.topics(Topic::State::there).size();
  if (there == 0 || (there < profile_.topics_max && stage_.chance(1, 4))) {
    if (free_names_.empty() || stage_.chance(1, 3)) return create(plan(), false);
    TopicPlan again = free_names_.back();
    free_names_.pop_back();
    return create(again, true);
  }
  if (stage_.chance(1, could_lead_again() ? 2 : 12)) return elect_leaders();
  if (profile_.moves > 0 && caller_.nodes() > 1) {
    const auto moving = what_moves();
    if (moving && stage_.chance(1, 3)) return reassign(*moving, std::nullopt);
    if (stage_.chance(profile_.moves, 12)) return move();
  }
  switch (profile_.changes_topics ? stage_.random.below(12) : stage_.between(4, 11)) {
    case 0:
    case 1:
      return remove();
    case 2:
    case 3:
      return add_partitions();
    case 4:
      return alter_config();
    default:
      return look(stage_.random.below(caller_.nodes()), false);
  }
}

template <class Request, class Response>
void Admin::ask(int16_t version, const Request& request, std::function<void(std::optional<Response>)> then) {
  size_t node = stage_.random.below(caller_.nodes());
  asking_ = caller_.ask<Request, Response>(node, version, request, [this, then](std::optional<Response> response) {
    asking_ = false;
    then(std::move(response));
    rest(profile_.rest_ms_max);
  });
  // Nobody was there to hear it: it was not done.
  if (!asking_) rest(profile_.rest_ms_max / 2);
}

// --- changes

TopicPlan Admin::plan() {
  TopicPlan plan;
  plan.name = "t" + std::to_string(topics_made_++);
  plan.partitions = static_cast<int32_t>(stage_.between(1, 2));
  auto set = [&](const char* key, const std::string& value) { plan.configs.emplace_back(key, value); };
  plan.replicas = static_cast<int16_t>(stage_.between(profile_.always_three ? 3 : 1, caller_.nodes()));
  if (plan.replicas == 3 && stage_.chance(profile_.min_isr_2, 4)) set("min.insync.replicas", "2");
  plan.os = stage_.chance(profile_.os, 4);
  if (plan.os) set("flush.policy", "os");
  plan.trims = stage_.chance(profile_.trims, 4);
  if (plan.trims || stage_.chance(1, 2)) {
    // Segments of a few batches.
    set("index.interval.bytes", "1");
    set("segment.index.bytes", std::to_string(stage_.between(1, 4) * 12));
  }
  if (stage_.chance(1, 4)) set("segment.ms", "3000");
  constexpr const char* codecs[] = {"uncompressed", "gzip", "snappy", "lz4", "zstd"};
  if (stage_.chance(1, 6)) set("compression.type", codecs[stage_.random.below(std::size(codecs))]);
  if (plan.trims) {
    set("retention.bytes", std::to_string(stage_.between(500, 3000)));
    set("file.delete.delay.ms", "1000");
  }
  return plan;
}

void Admin::create(const TopicPlan& plan, bool anew) {
  protocol::CreateTopicsRequest request;
  protocol::CreateTopicsRequest::CreatableTopic topic;
  topic.name = plan.name;
  topic.num_partitions = plan.partitions;
  topic.replication_factor = plan.replicas;
  for (const auto& [key, value] : plan.configs) topic.configs.push_back({key, value});
  request.topics.push_back(std::move(topic));
  using Answer = protocol::CreateTopicsResponse;
  ask<protocol::CreateTopicsRequest, Answer>(7, request, [this, plan, anew](std::optional<Answer> answer) {
    if (!answer) return;  // the name is not used again: who knows whether it is there
    const auto& told = answer->topics.at(0);
    stage_.note([&] {
      return "topic " + plan.name + " is created: " + std::string(name(static_cast<Errc>(told.error_code))) +
             told.error_message.value_or("");
    });
    if (told.error_code == 0) {
      stage_.counters.add(anew ? Event::topic_made_anew : Event::topic_created);
      if (plan.replicas > 1) stage_.counters.add(Event::topic_replicated);
      return model_.created(plan, told.topic_id, told.num_partitions);
    }
    if (needs_brokers(static_cast<Errc>(told.error_code), caller_.nodes())) return free_names_.push_back(plan);
    if (!is_unclear(static_cast<Errc>(told.error_code)))
      stage_.violate("topic " + plan.name + " cannot be created: " + told.error_message.value_or(""));
  });
}

std::optional<TopicId> Admin::any_topic() {
  auto topics = model_.topics(Topic::State::there);
  if (topics.empty()) return std::nullopt;
  return topics[stage_.random.below(topics.size())];
}

void Admin::remove() {
  auto id = any_topic();
  if (!id) return rest(50);
  Topic& topic = *model_.find(*id);
  protocol::DeleteTopicsRequest request;
  request.topics.push_back({std::nullopt, *id});
  using Answer = protocol::DeleteTopicsResponse;
  TopicPlan plan = topic.plan;
  model_.deleting(*id);
  ask<protocol::DeleteTopicsRequest, Answer>(6, request, [this, plan, id = *id](std::optional<Answer> answer) {
    if (!answer) return;
    const auto& told = answer->responses.at(0);
    stage_.note(
        [&] { return "topic " + plan.name + " is deleted: " + std::string(name(static_cast<Errc>(told.error_code))); });
    if (told.error_code == 0) {
      stage_.counters.add(Event::topic_deleted);
      model_.deleted(id);
      free_names_.push_back(plan);
    } else if (!is_unclear(static_cast<Errc>(told.error_code))) {
      stage_.violate("topic " + plan.name +
                     " cannot be deleted: " + std::string(name(static_cast<Errc>(told.error_code))));
    }
  });
  if (!asking_) topic.state = Topic::State::there;  // nobody was asked
}

void Admin::add_partitions() {
  auto id = any_topic();
  if (!id) return rest(50);
  Topic& topic = *model_.find(*id);
  int32_t count = topic.partitions_promised + 1;
  if (count > partitions_max) return rest(50);
  protocol::CreatePartitionsRequest request;
  request.topics.push_back({topic.plan.name, count, std::nullopt});
  using Answer = protocol::CreatePartitionsResponse;
  ask<protocol::CreatePartitionsRequest, Answer>(3, request, [this, id = *id, count](std::optional<Answer> answer) {
    if (!answer) return;
    auto code = static_cast<Errc>(answer->results.at(0).error_code);
    Topic& t = *model_.find(id);
    stage_.note([&] {
      return "topic " + t.plan.name + " gets " + std::to_string(count) + " partitions: " + std::string(name(code));
    });
    // INVALID_PARTITIONS: an earlier try that nobody answered was done.
    if (code == Errc::none) stage_.counters.add(Event::partitions_added);
    if (code == Errc::none || code == Errc::invalid_partitions) {
      t.partitions_promised = count;
    } else if (!is_unclear(code) && !needs_brokers(code, caller_.nodes())) {
      stage_.violate("topic " + t.plan.name + " gets no partition: " + std::string(name(code)));
    }
  });
}

void Admin::alter_config() {
  auto id = any_topic();
  if (!id) return rest(50);
  Topic& topic = *model_.find(*id);
  std::string key = stage_.chance(1, 2) ? "max.message.bytes" : "segment.index.bytes";
  std::string value = key == "max.message.bytes" ? std::to_string(stage_.between(100000, 200000))
                                                 : std::to_string(stage_.between(2, 20) * 12);
  protocol::IncrementalAlterConfigsRequest request;
  request.resources.push_back({2, topic.plan.name, {{key, 0, value}}});
  using Answer = protocol::IncrementalAlterConfigsResponse;
  topic.configs_unclear[key].insert(value);
  stage_.note([&] { return "topic " + topic.plan.name + ": " + key + " is to be set to " + value; });
  ask<protocol::IncrementalAlterConfigsRequest, Answer>(
      1, request, [this, id = *id, key, value](std::optional<Answer> answer) {
        if (!answer) return;
        auto code = static_cast<Errc>(answer->responses.at(0).error_code);
        Topic& t = *model_.find(id);
        stage_.note([&] {
          return "topic " + t.plan.name + ": " + key + " is set to " + value + ": " + std::string(name(code));
        });
        if (code == Errc::none) {
          stage_.counters.add(Event::config_altered);
          t.configs_promised[key] = value;
          t.configs_unclear[key].extract(value);
        } else if (!is_unclear(code)) {
          stage_.violate("topic " + t.plan.name + " does not get " + key + ": " +
                         answer->responses.at(0).error_message.value_or(""));
        }
      });
}

// As somebody would see who describes the topics.
bool Admin::could_lead_again() const {
  return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
    return node->is_ready() && !metadata::balance_leaders(node->broker().image(), 0).empty();
  });
}

// Of all partitions, or of one.
void Admin::elect_leaders() {
  auto id = any_topic();
  protocol::ElectLeadersRequest request;
  if (id && stage_.chance(1, 2)) {
    const Topic& topic = *model_.find(*id);
    const auto partitions = static_cast<uint64_t>(topic.partitions_promised);
    request.topic_partitions = {{topic.plan.name, {static_cast<int32_t>(stage_.random.below(partitions))}}};
  }
  using Answer = protocol::ElectLeadersResponse;
  ask<protocol::ElectLeadersRequest, Answer>(2, request, [this](std::optional<Answer> answer) {
    if (!answer) return;
    for (const auto& topic : answer->replica_election_results) {
      for (const auto& told : topic.partition_result) {
        const auto code = static_cast<Errc>(told.error_code);
        const std::string which = topic.topic + "-" + std::to_string(told.partition_id);
        stage_.note([&] { return which + " gets its preferred leader: " + std::string(name(code)); });
        if (code == Errc::none) stage_.counters.add(Event::leader_elected);
        else if (code != Errc::election_not_needed && code != Errc::preferred_leader_not_available && !is_unclear(code))
          stage_.violate(which + " gets no leader: " + told.error_message.value_or(""));
      }
    }
  });
}

// As somebody would see who lists the moves.
std::optional<Admin::Partition> Admin::what_moves() const {
  for (const auto& node : nodes_)
    if (node->is_ready())
      for (const auto& [name, topic] : node->broker().image().topics())
        for (size_t i = 0; i < topic.partitions.size(); i++)
          if (metadata::is_moving(topic.partitions[i])) return Partition{name, static_cast<int32_t>(i)};
  return std::nullopt;
}

// To any brokers, also to those that it is on.
void Admin::move() {
  auto id = any_topic();
  if (!id) return rest(50);
  Topic& topic = *model_.find(*id);
  const auto partition = static_cast<int32_t>(stage_.random.below(static_cast<uint64_t>(topic.partitions_promised)));
  std::vector<int32_t> all, target;
  for (size_t i = 1; i <= caller_.nodes(); i++) all.push_back(static_cast<int32_t>(i));
  for (uint64_t count = stage_.between(1, all.size()); count > 0; count--) {
    auto at = all.begin() + static_cast<std::ptrdiff_t>(stage_.random.below(all.size()));
    target.push_back(*at);
    all.erase(at);
  }
  topic.may_have_moved = true;
  reassign({topic.plan.name, partition}, target);
}

// Nothing: the move that is under way is taken back.
void Admin::reassign(const Partition& which, const std::optional<std::vector<int32_t>>& target) {
  protocol::AlterPartitionReassignmentsRequest request;
  request.topics.push_back({which.topic, {{which.number, target}}});
  using Answer = protocol::AlterPartitionReassignmentsResponse;
  ask<protocol::AlterPartitionReassignmentsRequest, Answer>(
      1, request, [this, which, target](std::optional<Answer> got) {
        if (!got) return;
        const auto& told = got->responses.at(0).partitions.at(0);
        const auto code = static_cast<Errc>(told.error_code);
        const std::string what = which.topic + "-" + std::to_string(which.number);
        stage_.note([&] {
          std::string to;
          for (int32_t id : target.value_or(std::vector<int32_t>())) to += (to.empty() ? "" : ",") + std::to_string(id);
          return what + (target ? " is to move to brokers " + to : " is to move back") + ": " + std::string(name(code));
        });
        if (code == Errc::none) stage_.counters.add(target ? Event::move_begun : Event::move_taken_back);
        // A broker may not have registered yet; what is to be taken back may be done, or cannot be without loss; the topic may be gone.
        const bool is_fine = code == Errc::none || code == Errc::invalid_replica_assignment ||
                             code == Errc::no_reassignment_in_progress || is_unclear(code) ||
                             (!target && code == Errc::unknown_topic_or_partition);
        if (!is_fine) stage_.violate(what + " is not moved: " + told.error_message.value_or(""));
      });
}

// --- looking

void Admin::look(size_t node, bool last) {
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  using Answer = protocol::MetadataResponse;
  auto then = [this, node, last](std::optional<Answer> answer) {
    asking_ = false;
    if (!last) rest(profile_.rest_ms_max);
    if (!answer) return rest(60);
    if (!last) return;
    auto wrong = compare(*answer, node);
    if (!wrong) looking_.erase(node);
    if (wrong && looks_left_-- == 0) stage_.violate(*wrong);
  };
  asking_ = caller_.ask<protocol::MetadataRequest, Answer>(node, 12, request, std::move(then));
  if (!asking_) rest(60);
}

void Admin::begin_last_look() {
  stopped_ = true;
  rests_until_.reset();
  for (size_t i = 0; i < caller_.nodes(); i++) looking_.insert(i);
}

std::optional<std::string> Admin::compare(const protocol::MetadataResponse& told, size_t node) {
  std::string who = "broker " + std::to_string(node + 1);
  std::map<TopicId, const protocol::MetadataResponse::MetadataResponseTopic*> there;
  for (const auto& topic : told.topics) there[topic.topic_id] = &topic;
  for (const auto& [id, topic] : model_.all()) {
    auto it = there.find(id);
    if (topic.state == Topic::State::gone && it != there.end())
      return who + " knows topic " + topic.plan.name + ", which was deleted";
    if (topic.state != Topic::State::there) continue;
    if (it == there.end()) return who + " does not know topic " + topic.plan.name + ", which was created";
    auto partitions = static_cast<int32_t>(it->second->partitions.size());
    if (partitions < topic.partitions_promised)
      return who + ": topic " + topic.plan.name + " has " + std::to_string(partitions) + " partitions, not " +
             std::to_string(topic.partitions_promised);
  }
  return std::nullopt;
}

}  // namespace bobbin::sim
