// Coordinators: the groups of every partition of __consumer_offsets that this broker leads.
//
//   leads it ──> its log is opened, and read into a shard (loading.h) ──> whoever asked is served ──> leads it no more:
//                                                                                                  NOT_COORDINATOR
//
// Groups are served when all of what was read is promised: what is told of a group is not taken back.
//
// Owned by the Broker, used by the deciding thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/connections.h"
#include "broker/groups/loading.h"
#include "broker/groups/log_journal.h"
#include "broker/metadata_view.h"
#include "broker/purgatory.h"
#include "group/shard.h"

namespace bobbin::broker {

class Coordinators {
 public:
  // All must outlive it.
  Coordinators(os::World& world, MetadataView& metadata, cluster::Replicas& replicas, Durability& durability,
               Purgatory& purgatory, Turns& turns, cluster::Say say);

  // Calls `use` with the shard that a group is kept in, now or when it is there; or with Kafka's error:
  // coordinator_not_available, not_coordinator, coordinator_load_in_progress.
  using Use = std::function<void(Result<group::Shard*>)>;
  void with(const std::string& group, Use use);
  // A group that is here now; nullptr: it is not.
  const group::Group* find(const std::string& group) const;
  // With every shard of this broker, when all that it leads are there.
  void with_all(std::function<void(Result<std::vector<group::Shard*>>)> use);

  // The metadata is another one.
  void follow(const metadata::Delta& delta, const config::BrokerSettings& settings);
  // The role of this partition is another one.
  void follow(const cluster::TopicPartition& id);
  void disconnected(ConnectionId id);
  // Something else has come behind what waits on this connection.
  void wake(ConnectionId id);
  void run();
  std::optional<int64_t> next_deadline_ms() const;
  void end();

 private:
  struct Led : std::enable_shared_from_this<Led> {
    Led(Coordinators& of, cluster::TopicPartition id, LeaderEpoch epoch);
    LeaderEpoch epoch;
    LogJournal journal;
    group::Shard shard;
    std::shared_ptr<Loading> loading;
    bool is_ready = false;
    bool is_unreadable = false;
    // Rewriting: what is true is written again, and then the log begins there.
    uint64_t looked_at = UINT64_MAX;  // how much was written when it was asked last whether that is due
    bool rewrites = false;
    Offset rewrite_from{0};
    std::string rewritten = {};   // up to that group
    uint64_t written_before = 0;  // in bytes, when it began
    uint64_t bytes_of_last = 0;   // of what the last one wrote
    int64_t rewrite_not_before_ms = 0;
    struct Waiting {
      int64_t until_ms;
      Use use;
    };
    std::vector<Waiting> waiting = {};  // for it to be ready
    void tell_all(const Result<group::Shard*>& what);
  };
  const metadata::Topic* topic() const;
  std::optional<cluster::TopicPartition> partition_of(const std::string& group) const;
  void with_partition(const cluster::TopicPartition& id, Use use, bool looked_again);
  void lead(const cluster::TopicPartition& id, cluster::Leading& leading);
  void loaded(const cluster::TopicPartition& id, Led& led, Status status);
  void serve_when_promised(const cluster::TopicPartition& id, Led& led);
  void give_up_waiting(Led& led, int64_t now);
  void drop(const cluster::TopicPartition& id);
  void rewrite_some(const cluster::TopicPartition& id, Led& led);
  std::set<cluster::TopicPartition> led_here() const;
  void expire_if_due(int64_t now);
  void forget_deleted(const metadata::Delta& delta);

  os::World& world_;
  MetadataView& metadata_;
  cluster::Replicas& replicas_;
  Durability& durability_;
  Purgatory& purgatory_;
  Turns& turns_;
  cluster::Say say_;
  group::GroupLimits limits_;
  group::Room room_;
  int64_t offsets_retention_ms_ = 0, check_interval_ms_ = 0;
  int64_t next_check_ms_ = 0;
  std::map<cluster::TopicPartition, std::shared_ptr<Led>> led_;  // ordered: a seed repeats
  bool ended_ = false;
};

}  // namespace bobbin::broker
