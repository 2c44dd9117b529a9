#include "client/producer/refusal.h"

#include "client/admin/sentences.h"

namespace bobbin::client {

namespace {

std::string advice(Errc code) {
  switch (code) {
    case Errc::out_of_order_sequence_number:
      return ": the broker has lost records that it had acknowledged, or another producer uses this one's id";
    case Errc::invalid_timestamp:
      return ": a timestamp is too far from now for this topic (message.timestamp.before.max.ms, "
             "message.timestamp.after.max.ms)";
    case Errc::message_too_large:
    case Errc::record_list_too_large:
      return ": raise the topic's max.message.bytes (and segment.bytes), or send smaller records";
    case Errc::invalid_record:
      return ": the topic does not take such records (a compacted topic needs keys)";
    default:
      return "";
  }
}

}  // namespace

bool is_fatal_to_all(Errc code) {
  return code == Errc::invalid_producer_epoch || code == Errc::producer_fenced ||
         code == Errc::topic_authorization_failed || code == Errc::cluster_authorization_failed;
}

Refusal refusal_of(const protocol::ProduceResponse::PartitionProduceResponse& answer, const std::string& name) {
  auto code = errc_from_wire(answer.error_code);
  Error why = kafka_error(answer.error_code, answer.error_message, name);
  if (answer.is_damaged) why.code = Errc::damaged;
  if (code != Errc::invalid_timestamp || !answer.error_message) why.message += advice(code);
  for (const auto& bad : answer.record_errors)
    if (bad.batch_index_error_message && bad.batch_index_error_message != answer.error_message) {
      why.message +=
          " (record " + std::to_string(bad.batch_index) + " of its batch: " + *bad.batch_index_error_message + ")";
      break;
    }
  return {answer.is_damaged ? Errc::damaged : code, std::move(why)};
}

}  // namespace bobbin::client
