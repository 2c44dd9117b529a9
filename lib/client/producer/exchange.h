// Exchange: what a producer sends to the leaders of its partitions, and what becomes of it: at most one Produce a leader and
// round, with the next batch of each partition. A batch that may have been lost is sent again, one that is refused for good
// ends its partition, and what is fatal to all ends everything.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/call.h"
#include "client/producer/accumulator.h"
#include "client/producer/options.h"
#include "client/producer/progress.h"
#include "client/producer/refusal.h"
#include "client/producer/tally.h"
#include "client/topic_watch.h"
#include "protocol/messages/produce.h"

namespace bobbin::client {

class Session;

class Exchange {
 public:
  struct Parts {
    Session& session;
    const std::string& topic;
    const ProducerOptions& options;
    Accumulator& accumulator;
    Tally& tally;
    Progress& progress;
  };
  // All parts must outlive it. `topic_id`: of the topic that was opened; another of its name is an error.
  // `request_bytes_max`: of batches in one request, unless a single one is larger.
  Exchange(const Parts& parts, TopicId topic_id, size_t request_bytes_max);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Sends all that may leave now. True: there was something.
  Result<bool> send();
  // When there may be something without an answer; INT64_MAX: never.
  int64_t due_ms() const;
  // What an answer is awaited from, for a person; empty: nothing.
  std::string awaited() const;

  // Nothing can be sent any more, for this reason.
  const std::optional<Error>& broken() const { return broken_; }
  // That is so from now on, and all that is kept has failed. Returns the first reason that there was.
  Error give_up(Error why);

 private:
  struct Sent {
    PartitionQueue* queue;
    uint64_t serial;
  };

  Status watch();
  Result<bool> send_round();
  bool has_work(const PartitionQueue& queue, int64_t now) const;
  Status find_leader(const PartitionQueue& queue);
  void send_to(BrokerId node, const std::vector<PartitionQueue*>& queues);
  void post(BrokerId node, const protocol::ProduceRequest& request, std::vector<Sent> sent);
  void take_answer(const std::vector<Sent>& sent, Result<RawAnswer> raw);
  void acknowledge(const Sent& sent, Offset first_offset);
  void refuse(const Sent& sent, Refusal why);
  std::string name_of(const PartitionQueue& queue) const { return topic_ + "-" + to_string(queue.id()); }

  Session& session_;
  const std::string& topic_;
  const ProducerOptions& options_;
  Accumulator& accumulator_;
  Tally& tally_;
  Progress& progress_;
  TopicWatch topic_watch_;
  size_t request_bytes_max_;
  uint64_t topology_seen_ = 0;
  Errc last_refusal_ = Errc::none;  // since something was acknowledged
  int64_t blocked_since_ = 0;       // a leader is awaited; 0: none
  std::optional<Error> broken_;
  std::shared_ptr<Exchange*> self_;  // answers that come after the end find nobody
};

}  // namespace bobbin::client
