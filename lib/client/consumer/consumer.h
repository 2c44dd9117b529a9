// Consumer: reads the partitions of topics in order, from a start to a stop, and hands the records to a Sink. Without a
// group: positions are the caller's business.
//
// One Fetch is under way to each leader while the records of the last one are handed over. Every batch's crc is checked;
// control batches are skipped. A leader that went is looked for again, a topic that was deleted and made anew is noticed
// by its id and ends with an error rather than with records of another log.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/consumer/options.h"
#include "client/consumer/readers.h"
#include "client/consumer/sink.h"

namespace bobbin::os {
struct WaitFd;
}

namespace bobbin::client {

class Session;

struct Position {
  std::string topic;
  PartitionId partition;
  Offset next;  // of the record that comes next
  std::optional<Offset> stop;
  Offset high_watermark = offset_none;  // as last heard; none: not yet
};

class Consumer {
 public:
  // Blocks until the positions of all topics that are there are known. Errc::unknown_topic_or_partition: a topic or a
  // partition is not there (unless wait_for_topics). The session must outlive the consumer.
  static Result<std::unique_ptr<Consumer>> open(Session& session, const ConsumerOptions& options);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // Hands over what has arrived; only if that is nothing, waits with `also` (see Session::wait) for at most wait_ms and
  // then hands over what that brought. Errc::corrupt_message / damaged: a batch whose crc is wrong; offset_out_of_range;
  // inconsistent_topic_id: the topic was made anew; no_answer, also of a leader that tells of records and sends none; stopped.
  Status poll(Sink& sink, std::span<os::WaitFd> also, int64_t wait_ms);

  // Every partition has reached its stop.
  bool is_done() const;
  // Every partition's position was at the high watermark when last heard of.
  bool is_at_end() const;
  std::vector<Position> positions() const;
  // How many processes look for records again and again, as far as is known: the brokers that are read from, and their
  // clients that wait busily.
  int pollers() const;
  // What is awaited, for a person; empty: nothing but records.
  std::string awaited() const;

 private:
  Consumer(Session& session, const ConsumerOptions& options);
  Status begin();
  Status adopt_topics(bool at_start);
  Status adopt_topic(const Subscription& subscription, bool at_start);
  Status position(const Subscription& subscription, const std::vector<PartitionReader*>& readers);
  Status step(Sink& sink, std::span<os::WaitFd> also, int64_t wait_ms);
  Status watch();
  bool may_have_new_metadata();
  bool is_missing(const Subscription& subscription) const;

  Session& session_;
  ConsumerOptions options_;
  Readers readers_;
  uint64_t topology_seen_ = 0;
  int64_t look_again_at_ = 0;
  bool metadata_is_new_ = true;          // when it was last looked
  std::optional<Offset> metadata_seen_;  // of the leader's region, when the metadata was last asked for
  std::optional<Error> broken_;
};

}  // namespace bobbin::client
