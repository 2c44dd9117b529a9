// Appending: the batches of one Produce request on their way into their logs, in the order of the request, and the answer that
// grows with them. Of the handler of Produce alone.
#pragma once

#include <map>
#include <optional>

#include "broker/data/named_partitions.h"
#include "log/admission.h"
#include "protocol/messages/produce.h"
#include "record/batch.h"

namespace bobbin::broker {

// A partition whose records are appended and not yet promised.
struct Awaited {
  Offset last;
  LeaderEpoch epoch;        // the reign in which they were
  size_t topic, partition;  // its place in the response
};

struct PendingProduce {
  Answer answer;
  Reply reply;
  protocol::ProduceResponse response;
  std::multimap<cluster::TopicPartition, Awaited> awaited;
};

// One batch of a request whose batches are inspected before any is appended.
struct Inspected {
  cluster::TopicPartition id;
  Status sound;                               // or why it is not appended
  std::optional<log::Inspection> inspection;  // which is, or was, to be run
};

bool is_batch_v2(const std::optional<Bytes>& records);

// Where a batch of the request goes, or why it does not.
Result<cluster::Leading*> leading_for(DataContext& data, const NamedTopic& named,
                                      const protocol::ProduceRequest::PartitionProduceData& part, int16_t version);

class Appending {
 public:
  using RequestMessage = protocol::ProduceRequest;
  using Response = protocol::ProduceResponse;

  // `inspected`: of each batch, in the order of the request, or empty: they are looked at when they are appended. All must
  // outlive the Appending.
  Appending(DataContext& data, ConnectionId connection, int16_t version, const RequestMessage& message,
            std::vector<Inspected>& inspected)
      : data_(data), connection_(connection), version_(version), message_(message), inspected_(inspected) {}

  // Goes on to the batch before `end`.
  void run(PendingProduce& pending, size_t end = SIZE_MAX);
  bool failed() const { return failed_; }

 private:
  void append_to(const RequestMessage::TopicProduceData& data, const NamedTopic& named,
                 const RequestMessage::PartitionProduceData& part, PendingProduce& pending);
  Result<Offset> append_in_turn(const RequestMessage::TopicProduceData& topic, const NamedTopic& named,
                                const RequestMessage::PartitionProduceData& part,
                                Response::PartitionProduceResponse& told);
  Result<Offset> append(const NamedTopic& named, const RequestMessage::PartitionProduceData& part,
                        Response::PartitionProduceResponse& told);
  Error failure(const cluster::Leading& leading, int32_t index, Error e);

  DataContext& data_;
  ConnectionId connection_;
  int16_t version_;
  const RequestMessage& message_;
  std::vector<Inspected>& inspected_;
  size_t topic_ = 0, part_ = 0;  // where it goes on
  size_t next_ = 0;              // which batch of all that is
  std::optional<cluster::TopicPartition> done_id_;
  LeaderEpoch done_epoch_{0};
  std::optional<Offset> log_start_;  // to be told with an error
  bool failed_ = false;
};

// Answers, now or when the records are promised.
void promise(DataContext& data, const protocol::ProduceRequest& message, const Appending& appending,
             std::shared_ptr<PendingProduce> pending);
void refuse_acks(PendingProduce& pending, const protocol::ProduceRequest& message);

}  // namespace bobbin::broker
