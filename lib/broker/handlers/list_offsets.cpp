// ListOffsets 1 to 11: by time, -1 latest (the high watermark), -2 earliest, -3 (from 7) of the largest time, -4 (from 8)
// earliest local, which is the earliest, -5 (from 9) and -6 (from 11) of tiered storage, which there is none of.
#include <set>

#include "broker/handlers/handlers.h"

namespace bobbin::broker {

namespace {

using Asked = protocol::ListOffsetsRequest::ListOffsetsPartition;
using Told = protocol::ListOffsetsResponse::ListOffsetsPartitionResponse;

// The first version that knows a special timestamp; 0 for a plain time, which all do.
int16_t first_version_of(int64_t timestamp) {
  switch (timestamp) {
    case -3:
      return 7;
    case -4:
      return 8;
    case -5:
      return 9;
    case -6:
      return 11;
    default:
      return timestamp < -6 ? INT16_MAX : 0;
  }
}

void tell(Told& told, const std::optional<log::FoundOffset>& found) {
  if (!found) return;
  told.offset = found->offset.value;
  told.timestamp = found->timestamp.value;
  told.leader_epoch = found->epoch.value;
}

// Kafka's code for an end that cannot be told yet, and what versions before it say.
Errc not_yet(int16_t version) { return version >= 5 ? Errc::offset_not_available : Errc::leader_not_available; }

bool asks_for_end(int64_t timestamp) { return timestamp == -1 || timestamp == -3 || timestamp >= 0; }

// Adds the partition to `unsettled` where its end is not known yet (Partition::is_settled).
Status look_up(Broker& broker, const metadata::Topic& topic, const Asked& asked, int16_t version, Told& told,
               std::vector<cluster::TopicPartition>& unsettled) {
  if (version < first_version_of(asked.timestamp)) return error(Errc::unsupported_version);
  BOBBIN_TRY_ASSIGN(partition, find_leader(broker, topic, asked.partition_index));
  if (Errc e = check_leader_epoch(*partition, asked.current_leader_epoch); e != Errc::none) return error(e);
  if (asks_for_end(asked.timestamp) && !partition->is_settled()) {
    unsettled.push_back(partition->id());
    return error(partition->log().failed() ? Errc::kafka_storage_error : not_yet(version));
  }
  log::Log& log = partition->log();
  Offset end = partition->high_watermark();
  switch (asked.timestamp) {
    case -1:
      told.offset = end.value;
      told.leader_epoch = partition->leader_epoch().value;
      return {};
    case -2:
    case -4:
      told.offset = log.log_start().value;
      told.leader_epoch = log.epoch_at(log.log_start()).value;
      return {};
    case -5:
    case -6:
      return {};
    case -3: {
      BOBBIN_TRY_ASSIGN(found, log.offset_of_max_timestamp(end));
      tell(told, found);
      return {};
    }
    default: {
      BOBBIN_TRY_ASSIGN(found, log.offset_for_time(Timestamp(asked.timestamp), end));
      tell(told, found);
      return {};
    }
  }
}

// How long a request waits for logs that are flushed after a crash, before clients are told to ask again.
constexpr int64_t settle_wait_ms = 5000;

struct Pending {
  Answer answer;
  int16_t version;
  protocol::ListOffsetsRequest message;
  Reply reply;
};

protocol::ListOffsetsResponse look_up_all(Broker& broker, const Pending& pending, std::vector<cluster::TopicPartition>& unsettled) {
  protocol::ListOffsetsResponse response;
  std::map<std::pair<std::string, int32_t>, int> named;
  for (const auto& topic : pending.message.topics)
    for (const auto& part : topic.partitions) named[{topic.name, part.partition_index}]++;
  for (const auto& asked : pending.message.topics) {
    auto& topic_told = response.topics.emplace_back();
    topic_told.name = asked.name;
    NamedTopic topic = find_topic(broker, asked.name, {}, false);
    for (const auto& part : asked.partitions) {
      auto& told = topic_told.partitions.emplace_back();
      told.partition_index = part.partition_index;
      if (named[{asked.name, part.partition_index}] > 1) {
        told.error_code = static_cast<int16_t>(Errc::invalid_request);
        continue;
      }
      Status found = topic.topic ? look_up(broker, *topic.topic, part, pending.version, told, unsettled) : Status(error(topic.error));
      if (!found) told.error_code = wire_code(found.error().code);
    }
  }
  return response;
}

// Answers; or, if `wait`, says which partitions the answer waits for.
std::vector<cluster::TopicPartition> try_answer(Broker& broker, Pending& pending, bool wait) {
  std::vector<cluster::TopicPartition> unsettled;
  auto response = look_up_all(broker, pending, unsettled);
  std::erase_if(unsettled, [&](const auto& id) { return broker.partitions().find_open(id)->log().failed().has_value(); });
  if (wait && !unsettled.empty()) return unsettled;
  pending.reply.send(pending.answer.frame(response));
  return {};
}

}  // namespace

void handle(Broker& broker, const Request& request, protocol::ListOffsetsRequest message, Reply reply) {
  auto pending = std::make_shared<Pending>(Pending{answer_to(request), request.version, std::move(message), std::move(reply)});
  auto unsettled = try_answer(broker, *pending, true);
  if (unsettled.empty()) return;
  broker.purgatory().park(broker.world().clock.mono_ms() + settle_wait_ms, std::move(unsettled), [&broker, pending](bool expired) {
    return try_answer(broker, *pending, !expired).empty();
  });
}

}  // namespace bobbin::broker
