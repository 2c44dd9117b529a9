// DescribeTopicPartitions 0 (KIP-966): topics and their partitions in the order of their names, a page at a time. A page has at most
// 2,000 partitions (Kafka's max.request.partition.size.limit, which is no config here), or as many as the request says. No
// names: all topics. Each topic is told once. A cursor of another topic than those that are named, or with a negative
// partition, is INVALID_REQUEST for each of them.
#include "protocol/messages/describe_topic_partitions.h"
#include <algorithm>
#include "base/ids.h"
#include "broker/facts/context.h"
#include "broker/requests.h"
#include "metadata/names.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::DescribeTopicPartitionsRequest;
using Response = protocol::DescribeTopicPartitionsResponse;
using Cursor = protocol::TopicPartitionsCursor;
using ToldTopic = Response::DescribeTopicPartitionsResponseTopic;
using ToldPartition = Response::DescribeTopicPartitionsResponsePartition;

constexpr int32_t partitions_max = 2000;

std::vector<int32_t> numbers(const std::vector<BrokerId>& ids) {
  std::vector<int32_t> out;
  for (BrokerId id : ids) out.push_back(id.value);
  return out;
}

class Page {
 public:
  Page(const FactsContext& facts, const RequestMessage& request)
      : facts_(facts), cursor_(request.cursor), live_(facts.metadata.live_brokers()),
        left_(std::clamp(request.response_partition_limit, 1, partitions_max)) {}

  // False: it is full, and ended before this topic or in it.
  bool add(const std::string& name, const metadata::Topic* topic) {
    if (left_ == 0) return end_at(name, 0);
    if (!topic) {
      add_unknown(name);
      return true;
    }
    ToldTopic& told = begin(name);
    told.topic_id = topic->id;
    const auto count = static_cast<int32_t>(topic->partitions.size());
    const int32_t first = cursor_ && cursor_->topic_name == name ? std::min(cursor_->partition_index, count) : 0;
    const int32_t end = first + std::min(count - first, left_);
    for (int32_t i = first; i < end; i++) told.partitions.push_back(describe(*topic, i));
    left_ -= end - first;
    return end == count || end_at(name, end);
  }
  Response& response() { return response_; }

 private:
  bool end_at(const std::string& name, int32_t partition) {
    response_.next_cursor = {name, partition};
    return false;
  }
  ToldTopic& begin(const std::string& name) {
    ToldTopic& told = response_.topics.emplace_back();
    told.name = name;
    told.is_internal = metadata::is_internal_topic(name);
    told.topic_authorized_operations = every_topic_operation;
    return told;
  }
  void add_unknown(const std::string& name) {
    const bool is_name = metadata::check_topic_name(name).ok();
    begin(name).error_code =
        wire_code(is_name ? facts_.metadata.find_topic(name, {}, false).error : Errc::invalid_topic_exception);
  }
  ToldPartition describe(const metadata::Topic& topic, int32_t number) const {
    const metadata::Partition& partition = topic.partitions[static_cast<size_t>(number)];
    ToldPartition told;
    told.partition_index = number;
    told.leader_id = partition.leader != broker_none && holds(live_, partition.leader) ? partition.leader.value : -1;
    told.leader_epoch = partition.leader_epoch.value;
    told.replica_nodes = numbers(partition.replicas);
    told.isr_nodes = numbers(partition.isr);
    told.eligible_leader_replicas = numbers(partition.eligible_leaders);
    told.last_known_elr = numbers(partition.last_known_leaders);
    for (BrokerId id : partition.replicas)
      if (!holds(live_, id)) told.offline_replicas.push_back(id.value);
    return told;
  }

  const FactsContext& facts_;
  const std::optional<Cursor>& cursor_;
  const std::vector<BrokerId> live_;
  int32_t left_;  // partitions that find room
  Response response_;
};

// Those from the cursor's on, each once, in their order.
std::vector<std::string> names_from_cursor(const RequestMessage& message) {
  std::vector<std::string> names;
  for (const auto& asked : message.topics)
    if (!message.cursor || asked.name >= message.cursor->topic_name) names.push_back(asked.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool cursor_fits(const RequestMessage& message) {
  if (!message.cursor) return true;
  if (message.cursor->partition_index < 0) return false;
  return message.topics.empty() || std::any_of(message.topics.begin(), message.topics.end(), [&](const auto& asked) {
           return asked.name == message.cursor->topic_name;
         });
}

Response refusal(const RequestMessage& message) {
  Response response;
  for (const auto& asked : message.topics) {
    auto& told = response.topics.emplace_back();
    told.error_code = wire_code(Errc::invalid_request);
    told.name = asked.name;
  }
  return response;
}

Response describe(const FactsContext& facts, const RequestMessage& message) {
  const metadata::Image& image = facts.metadata.image();
  Page page(facts, message);
  if (message.topics.empty()) {
    const auto& topics = image.topics();
    auto it = message.cursor ? topics.lower_bound(message.cursor->topic_name) : topics.begin();
    while (it != topics.end() && page.add(it->first, &it->second)) ++it;
  } else {
    for (const std::string& name : names_from_cursor(message))
      if (!page.add(name, image.topic(name))) break;
  }
  return std::move(page.response());
}

void describe_topic_partitions(FactsContext& facts, const Request& request, RequestMessage message, Reply reply) {
  reply.send(answer_to(request).frame(cursor_fits(message) ? describe(facts, message) : refusal(message)));
}

// All topics: what other brokers did a moment ago belongs to it.
Needs needs_of(FactsContext& facts, const RequestMessage& message, int16_t) {
  const metadata::Image& image = facts.metadata.image();
  return {message.topics.empty() || std::any_of(message.topics.begin(), message.topics.end(),
                                                [&](const auto& asked) { return !image.topic(asked.name); })};
}

}  // namespace

extern constinit const ServedApi describe_topic_partitions_api = served<describe_topic_partitions, needs_of>();

}  // namespace bobbin::broker
