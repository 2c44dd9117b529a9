// Replica: one partition's place on this broker, and the role that it has in it:
//
//   Unopened ──────────── a job opened its log ───────────> Leading
//      │                                                       ^
//      └── its log could not be opened ──> Offline ────────────┘
//                                             again, by whoever needs it
//
// Owned by Replicas, used by the deciding thread.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "cluster/leading.h"

namespace bobbin::cluster {

// Nobody needed its log yet, or it is being opened.
struct Unopened {};

// Why it could not be opened, the last time.
struct Offline {
  Error why;
};

class Replica {
 public:
  Replica(TopicPartition id, std::string topic_name) : id_(id), topic_name_(std::move(topic_name)) {}

  const TopicPartition& id() const { return id_; }
  log::TopicPartition name() const { return {topic_name_, id_.partition}; }
  // The name of its folder: "orders-0".
  std::string dir_name() const { return log::dir_name(name()); }
  // Of the reign that the metadata tells of; a role that leads has it, too.
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  void follow(LeaderEpoch epoch) { leader_epoch_ = epoch; }

  // nullptr: it has another role.
  Leading* leading() { return std::get_if<Leading>(&role_); }
  const Offline* offline() const { return std::get_if<Offline>(&role_); }
  // Its log, if that is open.
  Copy* copy() {
    Leading* role = leading();
    return role ? &role->copy() : nullptr;
  }
  bool is_open() const { return std::holds_alternative<Leading>(role_); }

  Leading& lead(std::unique_ptr<log::Log> log, const config::TopicSettings& settings) {
    auto copy = std::make_unique<Copy>(id_, topic_name_, std::move(log), settings);
    return role_.emplace<Leading>(std::move(copy), leader_epoch_);
  }
  void go_offline(Error why) { role_.emplace<Offline>(std::move(why)); }

 private:
  TopicPartition id_;
  std::string topic_name_;
  LeaderEpoch leader_epoch_{0};
  std::variant<Unopened, Offline, Leading> role_;
};

}  // namespace bobbin::cluster
