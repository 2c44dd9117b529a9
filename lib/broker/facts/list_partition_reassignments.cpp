// ListPartitionReassignments 0: which partitions are being moved, of all or of those that are named; those that are not, or are not
// there, are left out.
#include "protocol/messages/list_partition_reassignments.h"
#include "broker/facts/context.h"
#include "broker/named_once.h"
#include "broker/requests.h"
#include "metadata/reassignments.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::ListPartitionReassignmentsRequest;
using Response = protocol::ListPartitionReassignmentsResponse;

std::vector<int32_t> numbers(const std::vector<BrokerId>& ids) {
  std::vector<int32_t> out;
  for (BrokerId id : ids) out.push_back(id.value);
  return out;
}

void tell(Response& response, const metadata::Topic& topic, PartitionId number) {
  const metadata::Partition* p = topic.partition(number);
  if (!p || !metadata::is_moving(*p)) return;
  if (response.topics.empty() || response.topics.back().name != topic.name) {
    protocol::encode_ahead<Response>(response.topics, 0);
    response.topics.push_back({.name = topic.name, .partitions = {}});
  }
  response.topics.back().partitions.push_back({.partition_index = number.value,
                                               .replicas = numbers(p->replicas),
                                               .adding_replicas = numbers(p->adding_replicas),
                                               .removing_replicas = numbers(p->removing_replicas)});
}

void tell_all(Response& response, const metadata::Image& image) {
  for (const auto& [name, topic] : image.topics())
    for (size_t i = 0; i < topic.partitions.size(); i++) tell(response, topic, PartitionId(static_cast<int32_t>(i)));
}

void tell_named(Response& response, const metadata::Image& image, const RequestMessage& message) {
  std::vector<std::pair<std::string_view, int32_t>> all;
  for (const auto& topic : *message.topics)
    for (int32_t partition : topic.partition_indexes) all.emplace_back(topic.name, partition);
  const NamedOnce named = named_once(all.size(), [&](size_t i) { return all[i]; });
  for (size_t i : named.first)
    if (const metadata::Topic* topic = image.topic(all[i].first)) tell(response, *topic, PartitionId(all[i].second));
}

void list_partition_reassignments(FactsContext& facts, const Request& request, RequestMessage message, Reply reply) {
  Response response;
  if (message.topics) tell_named(response, facts.metadata.image(), message);
  else tell_all(response, facts.metadata.image());
  reply.send_pieces(answer_to(request).pieces_of(response, response.topics));
}

// A move that another broker began or ended a moment ago is told as it is.
Needs needs_of(FactsContext&, const RequestMessage&, int16_t) { return {true}; }

}  // namespace

extern constinit const ServedApi list_partition_reassignments_api = served<list_partition_reassignments, needs_of>();

}  // namespace bobbin::broker
