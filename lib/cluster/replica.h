// Replica: one partition's place on this broker, and the role that it has in it. The metadata says who leads it (Reign); the
// role is what became of that here:
//
//                   a job opened its log, and it
//   Unopened ────┬── leads alone, or first ───────────────> Leading
//      │         │                                          │    ^
//      │         ├── is to lead ───────> Succeeding ────────┼────┘ no other copy has more (salvage.h)
//      │         │                         ^     │          │   and the reign is not older than its records
//      │         │                 a reign │     │          │ a reign
//      │         │                         v     │          │
//      │         └── follows ─────────> Following │ <───────┘
//      │                                   │     │
//      │                                   v     v
//      │                                   Cutting            a job cuts what the leader, or the best copy, never had;
//      │                                                      then it has the role that the reign says by then
//      └── its log could not be opened ──> Offline            opened again, by whoever needs it
//
// Owned by Replicas, used by the deciding thread.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "cluster/following.h"
#include "cluster/leading.h"
#include "cluster/topic_configs.h"

namespace bobbin::cluster {

// Nobody needed its log yet, or it is being opened.
struct Unopened {};

// Why it could not be opened, the last time.
struct Offline {
  Error why;
};

// It leads as soon as it has what the best of the other copies has: a follower of that one until then.
struct Succeeding {
  Following following;
};

// Its log is in the hands of a job.
struct Cutting {
  std::unique_ptr<Copy> copy;
  Offset committed;
};

class Replica {
 public:
  Replica(TopicPartition id, std::string topic_name, BrokerId self)
      : id_(id), topic_name_(std::move(topic_name)), self_(self) {}

  const TopicPartition& id() const { return id_; }
  log::TopicPartition name() const { return {topic_name_, id_.partition}; }
  // The name of its folder: "orders-0".
  std::string dir_name() const { return log::dir_name(name()); }
  const Reign& reign() const { return reign_; }
  bool leads() const { return reign_.leader == self_; }
  bool is_alone() const { return reign_.in_sync.replicas.size() == 1; }
  // What the metadata says now. The role becomes that of the reign, if its log is open.
  void follow(Reign reign, int64_t now);

  // nullptr: it has another role.
  Leading* leading() { return std::get_if<Leading>(&role_); }
  Following* following() { return std::get_if<Following>(&role_); }
  const Offline* offline() const { return std::get_if<Offline>(&role_); }
  Following* succeeding() {
    return std::holds_alternative<Succeeding>(role_) ? &std::get<Succeeding>(role_).following : nullptr;
  }
  // It takes what others have, following or succeeding.
  Following* taking() { return following() ? following() : succeeding(); }
  // Its log, if that is open.
  Copy* copy();
  // How far its log may be read, as far as is known here. Of one that is open.
  Offset high_watermark() const;
  // Whether it has the role that the reign says.
  bool is_open() const { return std::holds_alternative<Leading>(role_) || std::holds_alternative<Following>(role_); }
  // On the way to that: its log is open, but nobody else's business.
  bool is_away() const { return std::holds_alternative<Cutting>(role_) || std::holds_alternative<Succeeding>(role_); }

  // Its topic's settings are these now.
  void update(const TopicConfigs& configs);

  void take_log(std::unique_ptr<log::Log> log, const config::TopicSettings& settings, int64_t now);
  // Nobody has more than a succeeding one: it leads.
  void succeed(int64_t now);
  void go_offline(Error why) { role_.emplace<Offline>(std::move(why)); }
  // Of a following or succeeding one: its log, for a job that cuts it, until come_back().
  std::shared_ptr<log::LentLog> lend(log::Files& files);
  void come_back(log::LentLog& lent, int64_t now);

 private:
  void take_role(std::unique_ptr<Copy> copy, Offset committed, int64_t now);
  void lead(std::unique_ptr<Copy> copy, Offset committed, int64_t now);
  // Nobody can have more of it than this broker: it is the first reign, or no other broker has it.
  bool is_only_source() const { return is_alone() || reign_.epoch == LeaderEpoch(0); }

  TopicPartition id_;
  std::string topic_name_;
  BrokerId self_;
  Reign reign_;
  std::variant<Unopened, Offline, Leading, Following, Succeeding, Cutting> role_;
};

}  // namespace bobbin::cluster
