// LeaderLink: a broker's connection to one other broker. Over it go its questions for all partitions that the other leads and
// that have a copy here, one at a time; and its end is the first sign that the other is dead (peers.h).
//
//   down ──connect──> idle ──ask──> asked ──answer──> taken: what came is flushed, where that counts
//     ^                 ^                                 │
//     └── lost          └─────────────────────────────────┘
//
// Where the leader has much, it tells the place, and the records are read from its files (leader_files.h). What cannot be read
// there now is asked for as records.
//
// A question that waits at the leader does not know of partitions that became ready since: the connection is made anew for
// them, which costs less than the wait.
//
// Owned by Peers, used by the deciding thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "broker/replication/context.h"
#include "broker/replication/leader_files.h"
#include "broker/replication/throttle.h"
#include "protocol/messages/fetch.h"

namespace bobbin::broker {

class LeaderLink {
 public:
  // `throttle`: of all links together; it must outlive it.
  LeaderLink(const ReplicationContext& context, Throttle& throttle, BrokerId leader)
      : context_(context), throttle_(throttle), leader_(leader), files_(context.world.storage, context.dir, leader) {}
  ~LeaderLink() { hang_up(); }
  LeaderLink(const LeaderLink&) = delete;
  LeaderLink& operator=(const LeaderLink&) = delete;

  bool is_up() const { return link_.has_value(); }
  bool is(LinkId id) const { return link_ == id; }
  // The question that is not answered yet; nothing: there is none.
  std::optional<int32_t> question() const { return is_asked_ ? std::optional(correlation_id_) : std::nullopt; }
  // Asks for nothing, which is answered at once by whoever lives, unless a question is under way.
  void probe();
  // False: nobody listens there.
  bool connect();
  void lost();

  // An answer that has nothing to tell must come long before its leader is taken for dead.
  void follow(const config::BrokerSettings& settings);
  // The partition has another role, or more of its copy counts.
  void note_ready(const cluster::TopicPartition& id);
  void on_answer(Bytes frame);
  // At the end of a round: asks, if there is something to ask for and nothing under way that would not tell it.
  void run();
  std::optional<int64_t> next_deadline_ms() const;

 private:
  using Response = protocol::FetchResponse;
  struct Asked {
    Offset from;
    LeaderEpoch epoch;
    bool start_is_kept;  // as it said
  };
  void hang_up();
  void ask();
  void send(const protocol::FetchRequest& request);
  std::vector<cluster::TopicPartition> in_turn() const;
  std::optional<protocol::FetchRequest::FetchPartition> question_for(const cluster::TopicPartition& id);
  void tell_start(const cluster::Copy& copy, protocol::FetchRequest::FetchPartition& question);
  void take(const TopicId& topic, const Response::PartitionData& told);
  Status take_records(cluster::Following& following, const Response::PartitionData& told);
  Result<Bytes> records_of(const cluster::Following& following, const Response::PartitionData& told);
  void refused(const cluster::TopicPartition& id, cluster::Following& following, const Response::PartitionData& told);
  void parts_below_committed(const cluster::TopicPartition& id, const Error& why);
  bool is_throttled(const cluster::TopicPartition& id) const;
  size_t bytes_at_once(const cluster::TopicPartition& id) const;
  void put_off(const cluster::TopicPartition& id, int64_t ms);
  void cut(const cluster::TopicPartition& id, Offset at);

  ReplicationContext context_;
  Throttle& throttle_;
  BrokerId leader_;
  LeaderFiles files_;
  std::optional<LinkId> link_;
  int32_t correlation_id_ = 0;
  int32_t wait_ms_ = 500;
  bool is_asked_ = false;                           // and not answered yet
  std::map<cluster::TopicPartition, Asked> asked_;  // what for
  size_t taken_bytes_ = 0;                          // of this answer
  std::optional<cluster::TopicPartition> after_;    // behind which the next question begins: there was no room for more
  std::set<cluster::TopicPartition> as_records_;    // what is not to be read from files the next time
  std::set<cluster::TopicPartition> unflushed_;     // what was taken, and does not count yet
  std::map<cluster::TopicPartition, int64_t> later_;     // what is not to be asked for before then
  std::map<cluster::TopicPartition, int64_t> refused_;   // the last time, and after which pause it is asked for again
  std::map<cluster::TopicPartition, std::string> said_;  // why the last was not taken
  bool has_news_ = true;  // something became ready that the question under way does not ask for
};

}  // namespace bobbin::broker
