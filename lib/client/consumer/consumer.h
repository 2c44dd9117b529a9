// Consumer: reads the partitions of topics in order, from a start to a stop, and hands the records to a Sink. Without a
// group: positions are the caller's business.
//
// One Fetch is under way to each leader while the records of the last one are handed over. Every batch's crc is checked;
// control batches are skipped. A leader that went is looked for again, a topic that was deleted and made anew is noticed
// by its id and ends with an error rather than with records of another log.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/call.h"
#include "client/consumer/in_place.h"
#include "client/consumer/options.h"
#include "client/consumer/partition_reader.h"
#include "client/consumer/sink.h"
#include "client/topic_watch.h"
#include "protocol/messages/fetch.h"
#include "record/batch.h"

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
  ~Consumer();
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
  struct Asked;
  struct Fetching;

  Consumer(Session& session, const ConsumerOptions& options);
  Status begin();
  Status adopt_topics(bool at_start);
  Status adopt_topic(const Subscription& subscription, bool at_start);
  Status position(const Subscription& subscription, const std::vector<PartitionReader*>& readers);
  Status watch();
  Result<bool> fetch();
  void fetch_from(BrokerId node, const std::vector<PartitionReader*>& readers, int32_t wait_ms);
  void take_answer(const Fetching& fetching, Result<RawAnswer> raw);
  void take_partition(const Asked& asked, BrokerId leader, const protocol::FetchResponse::PartitionData& data,
                      std::shared_ptr<const std::string> frame);
  void take_records(const Asked& asked, BrokerId leader, const protocol::FetchResponse::PartitionData& data,
                    std::shared_ptr<const std::string> frame);
  std::shared_ptr<const std::string> hold(std::unique_ptr<std::string> frame);
  void refused(PartitionReader& reader, Errc code, const std::optional<std::string>& damage);
  bool may_have_new_metadata();
  Status check_patience();
  Status reset_positions();
  Status deliver(Sink& sink);
  Status prepare();
  Status step(Sink& sink, std::span<os::WaitFd> also, int64_t wait_ms);
  int64_t poll_ms(int64_t wait_ms) const;
  bool is_missing(const Subscription& subscription) const;

  Session& session_;
  ConsumerOptions options_;
  InPlace in_place_{session_};
  std::vector<std::unique_ptr<PartitionReader>> readers_;
  std::set<std::pair<std::string, PartitionId>> read_;  // by readers_
  std::shared_ptr<PartitionReader::BatchReader> batch_ = std::make_shared<PartitionReader::BatchReader>();
  std::shared_ptr<size_t> held_bytes_ = std::make_shared<size_t>(0);  // of answers of which something is not read yet
  std::map<std::string, TopicWatch> topics_;
  size_t first_ = 0;             // who hands over first, and stands first in the next Fetch
  std::set<BrokerId> fetching_;  // brokers with a Fetch under way
  uint64_t topology_seen_ = 0;
  int64_t look_again_at_ = 0;
  bool metadata_is_new_ = true;          // when it was last looked
  std::optional<Offset> metadata_seen_;  // of the leader's region, when the metadata was last asked for
  bool blocked_ = false;                 // a leader is awaited
  std::optional<Error> broken_;
  std::shared_ptr<Consumer*> self_;  // answers that come after the end find nobody
};

}  // namespace bobbin::client
