// Readers: the partitions that are read at once. They are asked for together (fetcher.h), waited for, and handed over in
// turns; a topic that was deleted or made anew, a place that is not in its log any more and a leader that says nothing for
// too long end it or are mended here. Which partitions these are, and where each begins, is said from above.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/consumer/fetcher.h"
#include "client/consumer/options.h"
#include "client/consumer/partition_reader.h"
#include "client/consumer/sink.h"
#include "client/topic_watch.h"

namespace bobbin::os {
struct WaitFd;
}

namespace bobbin::client {

class Session;

class Readers {
 public:
  // The session must outlive it.
  Readers(Session& session, const ReadOptions& options);

  // One partition more, of the topic with this id, to be put where it begins; nullptr: it is read already. Errc::usage: too
  // many are.
  Result<PartitionReader*> add(const std::string& topic, const TopicId& id, PartitionId partition);
  bool has_topic(const std::string& topic) const { return topics_.contains(topic); }
  std::span<const std::unique_ptr<PartitionReader>> all() const { return readers_; }
  // A leader is awaited.
  bool is_blocked() const { return fetcher_.is_blocked(); }
  // Every partition has reached its stop.
  bool is_done() const;

  // After a new picture of the cluster: the topics are still those that were added. Errors as of TopicWatch.
  Status check_topics();
  // Hands over what has arrived; only if that is nothing, waits with `also` (see Session::wait) for at most wait_ms and
  // then hands over what that brought. Errors as of Consumer::poll().
  Status poll(Sink& sink, std::span<os::WaitFd> also, int64_t wait_ms);

 private:
  Status prepare();
  Status reset_position(PartitionReader& reader);
  Status deliver(Sink& sink);
  Status check_patience();
  int64_t poll_ms(int64_t wait_ms) const;

  Session& session_;
  ReadOptions options_;
  std::map<std::string, TopicWatch> topics_;
  std::set<std::pair<std::string, PartitionId>> read_;  // by readers_
  std::shared_ptr<PartitionReader::BatchReader> batch_ = std::make_shared<PartitionReader::BatchReader>();
  std::vector<std::unique_ptr<PartitionReader>> readers_;
  Fetcher fetcher_{session_, options_};
  size_t first_ = 0;  // who hands over first, and stands first in the next Fetch
  uint64_t topology_seen_ = 0;
};

}  // namespace bobbin::client
