// DescribeLogDirs 1 to 5: a broker has one folder. It tells of the partitions that it has a place in, of those that are named or of
// all: how many bytes their records take, and how many records below the high watermark are not there. A log that is not open and
// that is named is opened for that; of all, those are told of as empty. How large the device is it does not tell (-1). Kafka's
// kafka-reassign-partitions asks before it begins.
#include "protocol/messages/describe_log_dirs.h"
#include "base/ids.h"
#include "broker/data/context.h"
#include "broker/data/named_partitions.h"
#include "broker/named_once.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::DescribeLogDirsRequest;
using Response = protocol::DescribeLogDirsResponse;

void tell(const DataContext& data, Response::DescribeLogDirsResult& result, const metadata::Topic& topic,
          PartitionId number) {
  const metadata::Partition* p = topic.partition(number);
  if (!p || !holds(p->replicas, data.metadata.self())) return;
  if (result.topics.empty() || result.topics.back().name != topic.name) result.topics.push_back({topic.name, {}});
  auto& told = result.topics.back().partitions.emplace_back();
  told.partition_index = number.value;
  const cluster::TopicPartition id{topic.id, number};
  const auto& opened = data.replicas.opened();
  const cluster::Copy* copy = opened.find_copy(id);
  if (!copy) return;
  told.partition_size = static_cast<int64_t>(copy->bytes());
  told.offset_lag = std::max<int64_t>(opened.high_watermark(id) - copy->log_end(), 0);
}

std::vector<std::pair<std::string_view, int32_t>> named_in(const RequestMessage& message) {
  std::vector<std::pair<std::string_view, int32_t>> all, once;
  for (const auto& topic : *message.topics)
    for (int32_t partition : topic.partitions) all.emplace_back(topic.topic, partition);
  for (size_t i : named_once(all.size(), [&](size_t at) { return all[at]; }).first) once.push_back(all[i]);
  return once;
}

void describe_log_dirs(DataContext& data, const Request& request, RequestMessage message, Reply reply) {
  const metadata::Image& image = data.metadata.image();
  Response response;
  auto& result = response.results.emplace_back();
  result.log_dir = data.replicas.folder().path();
  if (data.replicas.folder().is_offline()) {
    result.error_code = wire_code(Errc::kafka_storage_error);
  } else if (message.topics) {
    for (const auto& [name, number] : named_in(message))
      if (const metadata::Topic* topic = image.topic(name)) tell(data, result, *topic, PartitionId(number));
  } else {
    for (const auto& [name, topic] : image.topics())
      for (size_t i = 0; i < topic.partitions.size(); i++)
        tell(data, result, topic, PartitionId(static_cast<int32_t>(i)));
  }
  reply.send(answer_to(request).frame(response));
}

Needs needs_of(DataContext& data, const RequestMessage& message, int16_t) {
  Needs needs;
  if (!message.topics) return {true};
  for (const auto& [name, number] : named_in(message)) add_need(needs, data, data.metadata.image().topic(name), number);
  return needs;
}

}  // namespace

extern constinit const ServedApi describe_log_dirs_api = served<describe_log_dirs, needs_of>();

}  // namespace bobbin::broker
