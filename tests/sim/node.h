// Node: the place of one broker of the cluster, and the life that is lived there now: a real broker::Broker over the
// simulated world. One life ends by a kill (its destructor runs, nothing else; nothing of it reaches the disk any more)
// or cleanly; the next one finds what it left.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "sim/life_storage.h"
#include "sim/network.h"
#include "sim/profile.h"

namespace bobbin::sim {

inline constexpr std::string_view cluster_root = "/c";

// Jobs run when the simulation says so: first the work, some time later what is done with its result.
class LifeJobs : public os::Jobs {
 public:
  struct Job {
    std::function<void()> work, done;
    bool worked = false;
  };
  void submit(std::function<void()> work, std::function<void()> done) override {
    jobs_.push_back({std::move(work), std::move(done), false});
  }
  size_t count() const { return jobs_.size(); }
  void advance(size_t i);  // its next half
  // At the end of a life: some of the helpers were in the middle of something.
  void work_on(size_t i);

 private:
  std::vector<Job> jobs_;
};

class Node;
using Nodes = std::vector<std::unique_ptr<Node>>;

class Node : public broker::Wire, public broker::Uplinks, public LineOwner {
 public:
  Node(Stage& stage, Network& network, Nodes& nodes, size_t index, const Profile& profile,
       std::function<void(const std::string&)> wrote);
  ~Node() override;

  // Begins a life. It may be over when this returns.
  void start();
  // The process dies; its helpers may be in the middle of something first.
  void kill(bool in_jobs);
  void begin_closing();
  // Buries a life that is over (a crash at a call, a failed start, the end of a clean close).
  void bury();

  // What it knows of each partition that it has a copy of, and how far it is, for people.
  std::string partitions() const;

  // How many lives it has begun.
  uint64_t lives() const { return lives_; }
  // It found no room to register, and is still what it was in its last life (broker/registration.h).
  bool is_put_off() const { return life_ && life_->put_off; }
  // Whether it did anything since the last call.
  bool take_acted() { return std::exchange(acted_, false); }

  bool is_running() const { return life_ != nullptr; }
  bool is_over() const;                                      // dead, failed, or closed: to be buried
  bool is_failed() const { return life_ && life_->failed; }  // it could not start
  bool is_ready() const { return life_ && life_->ready && !is_over(); }
  bool is_closing() const { return life_ && life_->closing; }
  bool is_hurt() const { return life_ && life_->storage.was_hurt(); }
  LifeStorage& storage() { return life_->storage; }
  broker::Broker& broker() { return *life_->broker; }
  size_t index() const { return index_; }

  // A client connects; nothing if nobody listens.
  std::optional<LineId> connect(LineOwner* owner);

  // --- what can happen next here
  bool is_paused() const { return stage_.clock.mono < paused_until; }
  bool wants_round() const { return life_ && !is_over() && (needs_round_ || is_due()); }
  size_t jobs() const { return life_ ? life_->jobs.count() : 0; }
  void run_round();
  void advance_job(size_t i);
  void deliver(LineId line);  // the next frame of a client, or its end
  void metadata_changed();
  std::optional<int64_t> deadline() const;

  int64_t paused_until = 0;
  std::optional<int64_t> dies_at;  // somebody kills it, and it is not dead at once
  bool metadata_pending = false;

  // --- Uplinks, and what comes back over them
  std::optional<broker::LinkId> connect(BrokerId to) override;
  void send(broker::LinkId id, std::string frame) override;
  void close(broker::LinkId id) override;
  void on_answer(LineId line, Bytes frame) override;
  void on_lost(LineId line) override;
  bool can_hear() const override { return is_ready() && !is_paused(); }

  // --- Wire
  void send(broker::ConnectionId id, std::string frame) override;
  void close(broker::ConnectionId id) override;
  void pause(broker::ConnectionId id) override;
  void resume(broker::ConnectionId id) override;

 private:
  struct Life {
    Life(Stage& stage, const std::function<void(const std::string&)>& wrote, uint64_t seed)
        : storage(stage, wrote), random(seed), world{stage.clock, random, storage, jobs} {}
    LifeStorage storage;
    LifeJobs jobs;
    test::SeededRandom random;
    os::World world;
    std::unique_ptr<os::Lock> lock;
    std::unique_ptr<broker::Broker> broker;
    uint64_t next_connection = 1;
    bool ready = false;
    bool closing = false;
    bool put_off = false;
    std::optional<Error> failed;
  };
  bool is_due() const;
  Status prepare();
  void kill_other(BrokerId id);
  void heard(const std::string& line);
  std::string who() const { return "broker " + std::to_string(index_ + 1); }
  void forget_life(bool lose_answers);

  Stage& stage_;
  Network& network_;
  Nodes& nodes_;
  size_t index_;
  std::function<void(const std::string&)> wrote_;
  const Profile& profile_;
  home::ClusterDir dir_{std::string(cluster_root)};
  config::ConfigMap static_configs_;
  std::unique_ptr<Life> life_;
  bool needs_round_ = false;
  bool acted_ = false;
  uint64_t lives_ = 0;
};

}  // namespace bobbin::sim
