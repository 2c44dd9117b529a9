// Producer: sends records to the partitions of one topic. Each record is encoded straight into its partition's open
// batch; a batch is sealed once and kept until it is acknowledged.
//
// Idempotent by default: batches carry a producer id and sequences, so that what is sent again after a lost connection, a
// new leader or a broker's restart is neither lost, doubled nor reordered. At most five batches of a partition are under
// way; after anything went wrong the oldest goes alone until it is acknowledged, and the first batch of a partition does
// too (a leader that does not know the producer would take a later one first).
//
// The caller's loop:
//   while (have input) {
//     while (producer.is_full()) BOBBIN_TRY(producer.poll(also, -1));
//     BOBBIN_TRY(producer.send(record));
//     if (input ran dry) { producer.push(); BOBBIN_TRY(producer.poll(stdin and stdout, -1)); }
//   }
//   Status status = producer.finish();
//
// A batch that the cluster refuses for good ends its partition: what follows there is not sent; other partitions go on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "client/call.h"
#include "client/producer/partitioner.h"
#include "client/topic_watch.h"
#include "record/batch.h"
#include "transport/frame_memory.h"

namespace bobbin::os {
struct WaitFd;
}

namespace bobbin::client {

class Session;
class PartitionQueue;
struct SealFields;
struct Settled;

// What became of some records of one partition, in the order in which they were sent.
struct Delivery {
  PartitionId partition;
  std::span<const uint64_t> numbers;
  Offset first_offset = offset_none;  // none: failed, or the broker did not tell
  const Error* error = nullptr;       // null: acknowledged
};

struct ProducerOptions {
  int16_t acks = -1;  // -1 all, 1 leader, 0 none
  record::Compression compression = record::Compression::none;
  size_t batch_bytes = 256 << 10;  // a batch is sealed when it would grow beyond
  int64_t linger_ms = 5;           // longest wait of a partial batch that nobody pushes
  PartitionerKind partitioner = PartitionerKind::murmur2;
  std::optional<PartitionId> partition;            // all records go there
  int64_t timeout_ms = 120'000;                    // without progress, then Errc::no_answer
  int64_t storage_refusals_ms_max = 10'000;        // a disk is full or broken that long, then kafka_storage_error
  bool idempotent = true;                          // off with acks 0 by itself
  int32_t in_flight_max = 5;                       // batches of one partition; more than 5 cannot be idempotent
  size_t buffer_bytes_max = 8 << 20;               // all batches, sealed and open
  std::function<void(const Delivery&)> delivered;  // told of each record; must not call back; not with send_lines()
};

// The views need to live until send() returns.
struct OutRecord {
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::span<const record::Header> headers;
  std::optional<Timestamp> timestamp;    // none: now. -1 is kept: a record that says that it has no time
  std::optional<PartitionId> partition;  // none: the options', else the partitioner's
  uint64_t number = 0;                   // the caller's name for it (a line's number), told back when it fails
};

struct Failure {
  uint64_t number = 0;  // of the first record of the first batch that was refused or not answered
  PartitionId partition;
  Error error;
};

class Producer {
 public:
  // The topic must be there (Errc::unknown_topic_or_partition; admin.h makes it). Asks for its partitions, its
  // max.message.bytes and a producer id; blocks. The session must outlive the producer.
  static Result<std::unique_ptr<Producer>> open(Session& session, std::string topic, const ProducerOptions& options);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Takes the record. Errc::message_too_large: alone it would be over max.message.bytes; it was not taken and others do
  // not suffer. unknown_topic_or_partition: no such partition; not taken. Any other error: the partition has failed.
  Status send(const OutRecord& record);

  // Takes whole lines from the front of `lines`, each ended by `delimiter`, as records that are a value and nothing else:
  // the same as send() for each, but quicker. Stops where a batch was filled, and before a line that may be too large;
  // send() knows what is to be said of that. Errors as those of send(); nothing was taken then.
  struct TakenLines {
    size_t bytes = 0;
    uint64_t count = 0;
  };
  Result<TakenLines> send_lines(Bytes lines, char delimiter, uint64_t first_number);
  // Whether it may be called: nobody wants to see each record by itself.
  bool takes_lines() const {
    return !options_.delivered && (options_.partition || partitioner_->keeps_runs_together());
  }

  // The limit for a batch, and so for a record with its batch's header of 61 bytes: the topic's, or less where the brokers
  // would not read a request with it. size_limit() says it to a person: "max.message.bytes is 1048588 (...)".
  int32_t max_message_bytes() const { return max_message_bytes_; }
  std::string size_limit() const;
  int32_t partitions() const;
  const std::string& topic() const { return topic_; }

  // The input ran dry: what is there goes out as soon as a batch may.
  void push();
  bool is_full() const { return buffered_bytes_ >= options_.buffer_bytes_max; }
  bool is_idle() const;  // nothing buffered, nothing under way

  // Sends, receives, and waits with `also` (see Session::wait). The error of a cluster that cannot be reached any more;
  // a refused batch is not one (first_failed()).
  Status poll(std::span<os::WaitFd> also, int64_t wait_ms);
  // Sends everything and waits for it. The first failure, if there is any.
  Status finish();

  uint64_t sent() const { return sent_; }      // records that send() took
  uint64_t acked() const { return acked_; }    // records acknowledged (acks=0: given to the socket)
  uint64_t failed() const { return failed_; }  // records given up
  const std::optional<Failure>& first_failed() const { return first_failed_; }

  // What is awaited, for a person; empty: nothing.
  std::string awaited() const;

 private:
  struct Sent {
    PartitionQueue* queue;
    uint64_t serial;
  };
  struct Refusal {
    Errc code = Errc::none;
    Error error;
  };

  Producer(Session& session, std::string topic, const ProducerOptions& options);
  Status prepare();
  Status read_size_limits();
  Status read_size_limits_of(BrokerId leader, bool and_of_topic);
  Status acquire_producer_id();
  void adopt_partitions();
  Status check_size(const OutRecord& record);
  Result<PartitionQueue*> queue_for(const OutRecord& record, size_t bytes_max);
  Status seal(PartitionQueue& queue);
  SealFields seal_fields() const;
  void open_batch(PartitionQueue& queue, uint64_t first_number, size_t bytes_min);
  std::optional<transport::FrameMemory::Piece> piece_for(const PartitionQueue& queue, size_t bytes);
  Status step(std::span<os::WaitFd> also, int64_t wait_ms);
  Status watch();
  Status pump(bool& sent);
  Status send_round(bool& sent);
  bool has_work(const PartitionQueue& queue, int64_t now) const;
  Status wait_for_leader(PartitionQueue& queue);
  void send_to(BrokerId node, const std::vector<PartitionQueue*>& queues);
  void take_answer(const std::vector<Sent>& sent, Result<RawAnswer> raw);
  void acknowledge(const Sent& sent, Offset first_offset);
  void refuse(const Sent& sent, Refusal refusal);
  void account(const PartitionQueue& queue, const Settled& settled, const Error* why,
               Offset first_offset = offset_none);
  Status give_up(Error why);
  int64_t poll_ms(int64_t wait_ms) const;

  Session& session_;
  std::string topic_;
  ProducerOptions options_;
  TopicWatch topic_watch_;
  uint64_t topology_seen_ = 0;
  ProducerId producer_id_ = producer_id_none;
  ProducerEpoch producer_epoch_{-1};
  size_t request_bytes_max_ = 32 << 20;  // of batches in one request, unless a single one is larger
  int32_t max_message_bytes_ = 1048588;
  BrokerId limiting_broker_ = broker_none;  // whose requests are smaller than the topic's batches
  size_t batch_bytes_ = 0;
  std::optional<Partitioner> partitioner_;
  std::vector<std::string> spares_;                      // the queues'
  std::vector<std::unique_ptr<PartitionQueue>> queues_;  // by partition
  Timestamp wall_;                                       // of now, looked at once a poll and a batch
  size_t buffered_bytes_ = 0;
  uint64_t sent_ = 0, acked_ = 0, failed_ = 0;
  std::optional<Failure> first_failed_;
  std::optional<Error> broken_;  // nothing can be sent any more
  // A disk that is full or broken answers at once and for long: who waits for it is told soon, in the broker's words. One
  // that is slow refuses once and then takes its time.
  struct StorageRefusal {
    Error why;
    int64_t at_ms;
  };
  std::optional<StorageRefusal> storage_refusal_;  // the last one since the last acknowledgement
  int64_t progress_at_ = 0;                        // last acknowledgement, or when the first record began to wait
  int64_t blocked_since_ = 0;                      // a leader is awaited; 0: none
  std::shared_ptr<Producer*> self_;                // answers that come after the end find nobody
};

}  // namespace bobbin::client
