// Producer: sends records to the partitions of one topic, with the speed and the promises of `bobbin produce`.
//
//   auto producer = bobbin::api::Producer::open({}, {.topic = "orders"});
//   if (!producer) return complain(producer.error());
//   for (...)
//     if (auto sent = producer->send({.key = key, .value = value}); !sent) complain(sent.error());
//   if (auto flushed = producer->flush(); !flushed) complain(flushed.error());
//
// flush() that succeeds says that every record that was taken is acknowledged: with acks=all and flush.policy=ack, both
// the default, that is on the disk (bobbin-guarantees(7)). Records of one partition keep their order. What is sent again
// after a lost connection or a broker's restart is neither lost, doubled nor reordered (unless acks is none).
//
// Threads: a Producer is used by one thread at a time and starts none. Nothing moves between its calls, so what was
// sent leaves with a later send(), with poll() or with flush(). Two of them in two threads do not disturb each other.
// A process that forks uses it in one of the two processes only.
//
// Back pressure: at most buffer_bytes_max bytes wait for their acknowledgement; send() blocks until there is room.
//
// Failure: a batch that the cluster refuses for good ends its partition for this producer. What follows there is not
// sent, so that nothing overtakes; other partitions go on. Whoever wants to go on there opens another Producer and
// decides what to send again. When the cluster is not reached for `timeout`, everything that waits is given up and the
// producer is broken. Records that were on their way then may have arrived all the same: nobody knows.
//
// An end without flush() waits for nothing: what was not acknowledged may be there or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bobbin/cluster.h"
#include "bobbin/error.h"
#include "bobbin/values.h"

namespace bobbin::api {

// What became of some records of one partition, in the order in which they were sent.
struct Delivery {
  int32_t partition = 0;
  std::span<const uint64_t> tags{};  // theirs
  // Of the first; each next one has the next. None: failed, acks is none, or the broker did not say it a second time.
  std::optional<int64_t> first_offset{};
  const Error* error = nullptr;  // null: acknowledged. no_answer, disconnected, stopped: they may have arrived
};

struct ProducerOptions {
  std::string topic{};
  bool create_topic = true;  // if it is not there, with the cluster's defaults; admin.h makes it with others
  Acks acks = Acks::all;
  Compression compression = Compression::none;
  Partitioner partitioner = Partitioner::murmur2;
  std::optional<int32_t> partition{};  // all records go there
  size_t batch_bytes = 256 << 10;      // a batch leaves when it would grow beyond
  size_t buffer_bytes_max = 8 << 20;   // of all batches that are not acknowledged
  milliseconds linger{5};              // a partial batch that a poll() finds older leaves
  milliseconds timeout{120'000};       // without progress, then Code::no_answer
  // Told of every record that send() took, exactly once, unless the producer ends before. Called inside send(), poll()
  // and flush(); may call send(), but not poll(), flush() or the destructor. The views are good until it returns. Keeps
  // eight bytes a record until it was told; without it nothing is kept.
  std::function<void(const Delivery&)> delivered{};
};

// The views need to live until send() returns.
struct OutRecord {
  std::optional<std::string_view> key{};  // none: null, which is not the same as empty
  std::optional<std::string_view> value{};
  std::span<const Header> headers{};
  std::optional<Timestamp> timestamp{};  // none: now. Any time is kept, also no_timestamp and what lies before 1970
  std::optional<int32_t> partition{};    // none: the options', else the partitioner's
  uint64_t tag = 0;                      // the caller's name for it, told back in Delivery and Failure
};

// Of the first record of the first batch that was refused or given up.
struct Failure {
  uint64_t tag = 0;
  int32_t partition = 0;
  Error error{};
};

class Producer {
 public:
  // Connects, starts a broker where that is allowed and none lives, makes the topic where that is asked for. Blocks, at
  // most cluster.timeout without progress.
  // usage, invalid_topic_exception: an option or a name that cannot be; unknown_topic_or_partition: not there and not to
  // be made; no_answer; stopped.
  static Result<Producer> open(const Cluster& cluster, const ProducerOptions& options);
  ~Producer();
  // What was moved from can be assigned to or destroyed, and nothing else.
  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;

  // Takes the record. No allocation for a record, only for a batch. Blocks only while is_full(), at most
  // options.timeout without progress.
  // message_too_large: the record is over the topic's max.message.bytes; it was not taken, and others do not suffer.
  // unknown_topic_or_partition: no such partition; not taken, and others do not suffer.
  // Anything else: not taken; its partition has failed, or the producer is broken (is_broken()).
  Status send(const OutRecord& record);

  // Takes whole lines from the front of `lines`, each ended by `delimiter`, as records that are a value and nothing else:
  // the same as send() for each, and several times as fast. Tags count up from `first_tag`. Returns how many bytes were
  // taken; what follows the last delimiter is not. Blocks as send() does. An error is that of the first line that was not
  // taken; sent() tells how many were.
  Result<size_t> send_lines(std::string_view lines, char delimiter = '\n', uint64_t first_tag = 0);

  // Sends what is there, partial batches too, and takes the answers that have come; if none has, waits for one or for
  // a signal handler to return, at most `wait` (negative: as long as anything is under way). Nothing is under way:
  // returns at once. The error of a broken producer; a batch that was refused is not one (first_failure()).
  Status poll(milliseconds wait);

  // Sends everything and waits until each record is acknowledged or has failed. Blocks, at most options.timeout without
  // progress; no signal ends it. Success: all records that were taken since open() are acknowledged. Else the first
  // failure; once a record has failed, every flush() says so.
  Status flush();

  bool is_full() const;    // send() would block
  bool is_idle() const;    // nothing buffered, nothing under way
  bool is_broken() const;  // nothing can be sent any more: every send() fails

  // What is not yet acknowledged and has not failed is sent() - acknowledged() - failed().
  uint64_t sent() const;          // records that send() took
  uint64_t acknowledged() const;  // with acks=none: given to the socket
  uint64_t failed() const;
  std::optional<Failure> first_failure() const;

  const std::string& topic() const;
  int32_t partitions() const;  // grows when partitions are added
  int32_t max_message_bytes()
      const;  // of a batch, so of a record and 61 bytes; as the topic and its brokers had it at opening
  // What is awaited, for a person ("broker 2, which leads orders-0"); empty: nothing.
  std::string awaited() const;

 private:
  struct State;
  explicit Producer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bobbin::api
