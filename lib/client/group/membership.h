// Membership: one member of a consumer group by Kafka's classic protocol, from joining to leaving.
//
//   joining ──> syncing ──> stable ── somebody comes or goes ──> handing over ──> joining
//      ^                      │                                   (whoever reads ends what it has begun)
//      └── its time was over, or its coordinator knows it no more: what it had is somebody else's now
//
// All moves inside Session::wait() and advance(). Everything is given up before a generation ends (Kafka's eager protocol).
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "assignor/assignors.h"
#include "assignor/subscription.h"
#include "client/group/coordinator.h"

namespace bobbin::client {

struct MembershipOptions {
  std::string group;
  std::vector<std::string> topics;
  std::vector<std::string> assignors = {"range"};  // the one that it likes best first
  std::optional<std::string> instance_id = {};     // of a static member
  int32_t session_timeout_ms = 45'000;
  int32_t rebalance_timeout_ms = 300'000;
  int32_t heartbeat_ms = 3000;
};

class Membership {
 public:
  enum class State { joining, syncing, stable, handing_over, left };

  Membership(Session& session, MembershipOptions options);
  ~Membership() { *self_ = nullptr; }
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  // Begins what is to be begun; before each wait. An error: it is no member, and will not become one.
  Status advance();
  // When to call it although nothing happened.
  int64_t due_ms() const;

  State state() const { return state_; }
  // Counts its generations, and the ends of them: what was assigned before is somebody else's.
  uint64_t term() const { return term_; }
  const std::vector<assignor::TopicPartitions>& assigned() const { return assigned_; }
  // In handing_over: what it had is read, written and committed as far as it will be.
  void handed_over();
  // Blocks until the coordinator has heard of it, at most for a moment.
  void leave();

  Coordinator& coordinator() { return coordinator_; }
  const std::string& member_id() const { return member_id_; }
  int32_t generation() const { return generation_; }
  const MembershipOptions& options() const { return options_; }

 private:
  // A generation that has begun, of which this member may be the one that shares the work.
  struct Begun {
    std::string leader;
    std::vector<assignor::Member> members;
  };
  void join();
  void joined(Errc code, int32_t generation, std::string protocol, std::string member_id, Begun begun);
  Status share();
  void sync(const std::map<std::string, std::vector<assignor::TopicPartitions>>& shares);
  void synced(Errc code, Bytes assignment);
  void heartbeat();
  void beaten(Errc code);
  // What it had is lost.
  void begin_anew(bool keeps_id);
  // Whether the coordinator is to be asked once more.
  bool ask_again(Errc code);
  void fail(Errc code, const std::string& what);
  bool counts_changed() const;

  Session& session_;
  MembershipOptions options_;
  Coordinator coordinator_;
  std::shared_ptr<Membership*> self_ = std::make_shared<Membership*>(this);
  State state_ = State::joining;
  std::string member_id_;
  int32_t generation_ = -1;
  std::string protocol_;
  uint64_t term_ = 0;
  std::vector<assignor::TopicPartitions> assigned_;
  bool under_way_ = false;  // a request whose answer changes the state
  bool beating_ = false;    // a heartbeat
  int64_t not_before_ = 0;  // the next request
  int64_t beat_at_ = 0;     // the next heartbeat
  int64_t look_at_ = 0;     // of the leader: when it looks for partitions that were added
  std::optional<Error> failure_;
  std::optional<Begun> to_share_;  // by this member
  // Of the leader: how many partitions each topic had when the work was shared.
  std::map<std::string, int32_t, std::less<>> counted_;
};

}  // namespace bobbin::client
