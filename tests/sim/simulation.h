// Simulation: one run of a whole cluster under one seed. First everything happens at once, faults too; then the world is
// healed, and the cluster has to show that it lives and that it kept what it promised.
//
// A seed says all: how many brokers there are, which faults are frequent, who acts next. Nothing else is random, so a
// seed repeats exactly.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/admin.h"
#include "sim/consumer.h"
#include "sim/invariants.h"
#include "sim/member.h"
#include "sim/model.h"
#include "sim/node.h"
#include "sim/producer.h"

namespace bobbin::sim {

struct Outcome {
  std::optional<std::string> violation;
  std::vector<std::string> trace;  // if it was asked for
  uint64_t notes = 0;              // the same in each run of a seed
  uint64_t calls = 0;              // of storage, likewise
};

class Simulation {
 public:
  Simulation(uint64_t seed, Counters& counters, bool tracing, const Profile& profile);
  ~Simulation();
  Outcome run();

 private:
  // How often each fault happens: one in so many steps; 0: never in this run.
  struct Plan {
    size_t brokers = 1;
    uint64_t steps = 1000;
    uint64_t kill = 0, kill_in_jobs = 0, crash = 0, power_cut = 0, pause = 0, full = 0, failed_sync = 0,
             failed_write = 0, failed_call = 0, clean = 0, clock = 0, silence = 0, cut_line = 0, lost_folder = 0;
  };
  using Choice = std::function<void()>;

  void make_plan();
  void make_cluster();
  bool step(bool faults);
  void maybe_fault();
  void kill(Node& node, bool in_jobs);
  void arm_crash(Node& node);
  void power_cut();
  void fill_disk();
  void lose_folder(Node& node);
  void gather(std::vector<Choice>& choices);
  void gather_node(Node& node, std::vector<Choice>& choices);
  void gather_lines(std::vector<Choice>& choices);
  void bury_and_start(bool at_once);
  void pass_time();
  void wait_for_something();
  Node* any_running();

  void heal();
  bool until(const std::function<bool()>& done, const std::string& what);
  void check_configs();
  std::string stuck() const;

  const Profile& profile_;
  Stage stage_;
  Network network_;
  Nodes nodes_;
  Model model_;
  Invariants invariants_;
  Plan plan_;
  std::unique_ptr<Admin> admin_;
  std::vector<std::unique_ptr<Producer>> producers_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  Positions positions_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<Actor*> actors_;
  std::vector<int64_t> restart_at_;  // per node that is down
  bool is_full_ = false;
  int64_t clock_off_ms_ = 0;
  uint64_t steps_ = 0;
};

}  // namespace bobbin::sim
