// Producer: sends records to the partitions of one topic. Each record is encoded straight into its partition's open
// batch (accumulator.h); a batch is sealed once and kept until it is acknowledged (exchange.h).
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
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "client/producer/accumulator.h"
#include "client/producer/exchange.h"
#include "client/producer/identity.h"
#include "client/producer/options.h"
#include "client/producer/progress.h"
#include "client/producer/size_limits.h"
#include "client/producer/tally.h"

namespace bobbin::os {
struct WaitFd;
}

namespace bobbin::client {

class Session;

class Producer {
 public:
  // The topic must be there (Errc::unknown_topic_or_partition; admin/topics.h makes it). Asks for its partitions, its
  // max.message.bytes and a producer id; blocks. The session must outlive the producer.
  static Result<std::unique_ptr<Producer>> open(Session& session, std::string topic, const ProducerOptions& options);
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
  bool takes_lines() const { return !options_.delivered && (options_.partition || accumulator_.keeps_runs_together()); }

  // The limit for a batch, and so for a record with its batch's header of 61 bytes: the topic's, or less where the brokers
  // would not read a request with it. size_limit() says it to a person: "max.message.bytes is 1048588 (...)".
  int32_t max_message_bytes() const { return limits_.batch_bytes_max(); }
  std::string size_limit() const { return limits_.sentence(); }
  int32_t partitions() const;
  const std::string& topic() const { return topic_; }

  // The input ran dry: what is there goes out as soon as a batch may.
  void push() { accumulator_.push(); }
  bool is_full() const { return tally_.buffered_bytes() >= options_.buffer_bytes_max; }
  bool is_idle() const { return accumulator_.is_idle(); }  // nothing buffered, nothing under way

  // Sends, receives, and waits with `also` (see Session::wait). The error of a cluster that cannot be reached any more;
  // a refused batch is not one (first_failed()).
  Status poll(std::span<os::WaitFd> also, int64_t wait_ms);
  // Sends everything and waits for it. The first failure, if there is any.
  Status finish();

  uint64_t sent() const { return tally_.sent(); }      // records that send() took
  uint64_t acked() const { return tally_.acked(); }    // records acknowledged (acks=0: given to the socket)
  uint64_t failed() const { return tally_.failed(); }  // records given up
  const std::optional<Failure>& first_failed() const { return tally_.first_failed(); }

  // What is awaited, for a person; empty: nothing.
  std::string awaited() const;

 private:
  struct Opened {
    TopicId topic_id;
    SizeLimits limits;
    Identity identity;
  };
  Producer(Session& session, std::string topic, const ProducerOptions& options, Opened opened);
  Status seal(PartitionQueue& queue);
  Status step(std::span<os::WaitFd> also, int64_t wait_ms);
  int64_t poll_ms(int64_t wait_ms) const;

  Session& session_;
  std::string topic_;
  ProducerOptions options_;
  SizeLimits limits_;
  Tally tally_;
  Progress progress_;
  Accumulator accumulator_;
  Exchange exchange_;
};

}  // namespace bobbin::client
