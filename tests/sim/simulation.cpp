#include "sim/simulation.h"

#include "home/cluster_dir.h"

namespace bobbin::sim {

namespace {
constexpr uint64_t healing_steps_max = 40000;
constexpr size_t producers_count = 3;
constexpr size_t consumers_count = 2;
}  // namespace

Simulation::Simulation(uint64_t seed, Counters& counters, bool tracing, const Profile& profile)
    : profile_(profile), stage_(seed, counters, tracing), network_(stage_), model_(stage_),
      invariants_(stage_, nodes_, model_), positions_(stage_) {
  make_plan();
  make_cluster();
}

Simulation::~Simulation() { nodes_.clear(); }

// Each fault is frequent in some seeds, rare in others and absent from some, so that one does not hide the other.
void Simulation::make_plan() {
  auto rate = [&](uint64_t often) -> uint64_t {
    switch (stage_.random.below(profile_.step_ms_max + 1)) {
      case 0:
        return 0;
      case 1:
        return often * 4;
      default:
        return often;
    }
  };
  if (stage_.chance(1, 2)) plan_.brokers = stage_.between(2, 3);
  if (profile_.always_three) plan_.brokers = profile_.brokers;
  if (plan_.brokers > 1) stage_.counters.add(Event::several_brokers);
  plan_.steps = stage_.between(800, 1200);
  plan_.kill = rate(profile_.kill);
  plan_.kill_in_jobs = rate(profile_.kill_in_jobs);
  plan_.crash = rate(profile_.crash);
  plan_.power_cut = rate(profile_.power_cut);
  plan_.pause = rate(profile_.pause);
  plan_.full = rate(profile_.full);
  plan_.failed_sync = rate(profile_.failed_sync);
  plan_.failed_write = rate(profile_.failed_write);
  plan_.failed_call = rate(profile_.failed_call);
  plan_.clean = rate(profile_.clean);
  plan_.clock = rate(profile_.clock);
  plan_.silence = rate(profile_.silence);
  plan_.cut_line = rate(profile_.cut_line);
  plan_.lost_folder = rate(profile_.lost_folder);
}

void Simulation::make_cluster() {
  home::ClusterDir dir{std::string(cluster_root)};
  auto made = home::create(stage_.disk, stage_.random, dir);
  check(made.ok(), "a cluster can be made");
  std::string metadata_log = dir.metadata_log_dir() + "/";
  auto wrote = [this, metadata_log](const std::string& path) {
    if (!path.starts_with(metadata_log)) return;
    for (auto& node : nodes_) node->metadata_pending = true;
  };
  for (size_t i = 0; i < plan_.brokers; i++)
    nodes_.push_back(std::make_unique<Node>(stage_, network_, nodes_, i, profile_, wrote));
  restart_at_.assign(plan_.brokers, 0);
  admin_ = std::make_unique<Admin>(stage_, network_, nodes_, model_, profile_);
  actors_.push_back(admin_.get());
  for (size_t i = 0; i < producers_count; i++) {
    producers_.push_back(std::make_unique<Producer>(stage_, network_, nodes_, model_, profile_, static_cast<int>(i)));
    actors_.push_back(producers_.back().get());
  }
  for (size_t i = 0; i < consumers_count; i++) {
    consumers_.push_back(std::make_unique<Consumer>(stage_, network_, nodes_, model_, static_cast<int>(i)));
    actors_.push_back(consumers_.back().get());
  }
  for (int i = 0; i < profile_.members; i++) {
    members_.push_back(std::make_unique<Member>(stage_, network_, nodes_, model_, positions_, i));
    actors_.push_back(members_.back().get());
  }
}

Outcome Simulation::run() {
  // Steps in which all wait for the clock do not count.
  for (uint64_t i = 0, waited = 0; i < plan_.steps && waited < plan_.steps && !stage_.violation();)
    ++(step(true) ? i : waited);
  if (!stage_.violation()) heal();
  stage_.counters.add_steps(steps_);
  return {stage_.violation(), stage_.trace(), stage_.notes(), stage_.disk.calls()};
}

// --- one step

bool Simulation::step(bool faults) {
  steps_++;
  if (faults) maybe_fault();
  bury_and_start(!faults);
  pass_time();
  std::vector<Choice> choices;
  gather(choices);
  if (choices.empty()) {
    wait_for_something();
    return false;
  }
  choices[stage_.random.below(choices.size())]();
  invariants_.after_step();
  return true;
}

void Simulation::gather(std::vector<Choice>& choices) {
  for (auto& node : nodes_)
    if (node->is_running() && !node->is_over() && !node->is_paused()) gather_node(*node, choices);
  gather_lines(choices);
  for (Actor* actor : actors_)
    if (actor->wants_to_act()) choices.push_back([actor] { actor->act(); });
}

void Simulation::gather_node(Node& node, std::vector<Choice>& choices) {
  if (node.wants_round())
    for (int weight = 0; weight < 3; weight++) choices.push_back([&node] { node.run_round(); });
  for (size_t i = 0; i < node.jobs(); i++) choices.push_back([&node, i] { node.advance_job(i); });
  if (node.metadata_pending && node.is_ready()) choices.push_back([&node] { node.metadata_changed(); });
}

void Simulation::gather_lines(std::vector<Choice>& choices) {
  std::vector<LineId> finished;
  for (auto& [id, line] : network_.lines()) {
    if (!line.owner && line.told_gone) finished.push_back(id);
    if (line.owner && line.owner->can_hear() && (!line.to_client.empty() || line.broker_hung_up))
      choices.push_back([this, id = id] { network_.arrive(id); });
    Node& node = *nodes_[line.node];
    if (line.told_gone || !node.is_ready() || node.is_paused()) continue;
    bool has_frame = !line.to_broker.empty() && (!line.paused || stage_.chance(1, 8));
    bool has_end = line.to_broker.empty() && (!line.owner || line.broker_hung_up);
    if (has_frame || has_end) choices.push_back([&node, id = id] { node.deliver(id); });
  }
  for (LineId id : finished) network_.remove(id);
}

void Simulation::pass_time() { stage_.clock.pass(static_cast<int64_t>(stage_.random.below(4))); }

// Nobody can do anything: time goes on to whatever is due next.
void Simulation::wait_for_something() {
  std::optional<int64_t> next;
  auto earlier = [&](std::optional<int64_t> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  for (auto& node : nodes_) earlier(node->dies_at);
  for (auto& node : nodes_) earlier(node->is_paused() ? node->paused_until : node->deadline());
  for (Actor* actor : actors_) earlier(actor->deadline());
  for (size_t i = 0; i < nodes_.size(); i++)
    if (!nodes_[i]->is_running()) earlier(restart_at_[i]);
  int64_t now = stage_.clock.mono;
  stage_.clock.pass(next && *next > now ? *next - now : 1);
}

void Simulation::bury_and_start(bool at_once) {
  for (size_t i = 0; i < nodes_.size(); i++) {
    if (nodes_[i]->dies_at && stage_.clock.mono >= *nodes_[i]->dies_at) nodes_[i]->kill(false);
    if (nodes_[i]->is_over()) {
      restart_at_[i] =
          stage_.clock.mono + static_cast<int64_t>(stage_.random.below(nodes_[i]->is_failed() ? 1000 : 100));
      nodes_[i]->bury();
    }
    if (nodes_[i]->is_running() || (!at_once && stage_.clock.mono < restart_at_[i])) continue;
    nodes_[i]->start();
    if (at_once) nodes_[i]->storage().do_not_crash();
  }
}

// --- faults

Node* Simulation::any_running() {
  Node& node = *nodes_[stage_.random.below(nodes_.size())];
  return node.is_running() && !node.is_over() ? &node : nullptr;
}

void Simulation::kill(Node& node, bool in_jobs) {
  node.kill(in_jobs);
  restart_at_[node.index()] =
      stage_.clock.mono + static_cast<int64_t>(stage_.random.below(stage_.chance(1, 4) ? 4000 : 100));
}

// In one of the next calls, or in the next of a kind that changes something and is not frequent.
void Simulation::arm_crash(Node& node) {
  using test::Call;
  constexpr Call rare[] = {Call::make_dir,   Call::rename,   Call::unlink,
                           Call::remove_dir, Call::sync_dir, Call::truncate};
  if (stage_.chance(1, 2)) return node.storage().crash_after(stage_.between(1, 40));
  node.storage().crash_in_next(rare[stage_.random.below(std::size(rare))]);
}

void Simulation::maybe_fault() {
  auto now = [&](uint64_t rate) { return rate > 0 && stage_.random.below(rate) == 0; };
  if (now(plan_.power_cut)) return power_cut();
  if (now(plan_.full)) return fill_disk();
  if (now(plan_.clock)) {
    // Never so far from the truth that records are refused for their time.
    constexpr int64_t off_ms_max = 1200000;
    auto off = static_cast<int64_t>(stage_.random.below(2 * off_ms_max)) - off_ms_max;
    stage_.counters.add(off < clock_off_ms_ ? Event::clock_back : Event::clock_forward);
    stage_.note([&] { return "FAULT: the clock jumps by " + std::to_string(off - clock_off_ms_) + " ms"; });
    stage_.clock.wall_ms += off - clock_off_ms_;
    clock_off_ms_ = off;
    return;
  }
  if (now(plan_.silence)) {
    stage_.counters.add(Event::long_silence);
    return stage_.clock.pass(static_cast<int64_t>(stage_.between(1000, stage_.chance(1, 3) ? 600000 : 8000)));
  }
  if (now(plan_.cut_line) && !network_.lines().empty()) {
    auto line =
        std::next(network_.lines().begin(), static_cast<std::ptrdiff_t>(stage_.random.below(network_.lines().size())));
    if (line->second.owner && !line->second.broker_hung_up) {
      stage_.counters.add(Event::connection_lost);
      stage_.note([&] { return "FAULT: connection " + std::to_string(line->first.value) + " is lost"; });
      network_.cut(line->first);
    }
    return;
  }
  Node* node = any_running();
  if (!node) return;
  if (now(plan_.kill)) {
    stage_.counters.add(Event::kill);
    kill(*node, false);
  } else if (now(plan_.kill_in_jobs)) {
    stage_.counters.add(Event::kill_in_jobs);
    kill(*node, true);
  } else if (now(plan_.crash)) {
    arm_crash(*node);
  } else if (now(plan_.lost_folder)) {
    lose_folder(*node);
  } else if (now(plan_.pause)) {
    stage_.counters.add(Event::pause);
    node->paused_until = stage_.clock.mono + static_cast<int64_t>(stage_.between(10, profile_.pause_ms_max));
    stage_.note([&] { return "FAULT: broker " + std::to_string(node->index() + 1) + " is paused"; });
  } else if (now(plan_.failed_sync)) {
    node->storage().fail_next({stage_.chance(1, 3) ? test::Call::sync_dir : test::Call::sync});
  } else if (now(plan_.failed_write)) {
    node->storage().fail_next({test::Call::write});
  } else if (now(plan_.failed_call)) {
    using test::Call;
    node->storage().fail_next({Call::open, Call::rename, Call::unlink, Call::truncate, Call::read, Call::make_dir,
                               Call::list, Call::stat, Call::size});
  } else if (now(plan_.clean) && node->is_ready() && !node->is_closing()) {
    node->begin_closing();
  }
}

// The machine stops: every broker dies, and of what was not synced each piece is there or not.
void Simulation::power_cut() {
  stage_.counters.add(Event::power_cut);
  for (auto& node : nodes_)
    if (node->is_running()) {
      if (node->storage().lost_a_sync()) stage_.counters.add(Event::power_cut_after_failed_sync);
      kill(*node, stage_.chance(1, 3));
    }
  for (size_t i = 0; i < nodes_.size(); i++) network_.lose_node(i, true);
  stage_.note([] { return "FAULT: the power is cut"; });
  stage_.power_cuts++;
  stage_.disk.power_cut(stage_.random);
  model_.power_cut();
  invariants_.power_cut();
}

void Simulation::fill_disk() {
  if (!is_full_) {
    stage_.counters.add(Event::disk_full);
    stage_.disk.set_room(stage_.disk.used() + stage_.random.below(2000));
    stage_.note([] { return "FAULT: the disk is nearly full"; });
  } else {
    stage_.counters.add(Event::room_again);
    stage_.disk.set_room(std::nullopt);
    stage_.note([] { return "there is room on the disk again"; });
  }
  is_full_ = !is_full_;
}

// Somebody removes it, or its disk is gone: only what others have is left of what it held.
void Simulation::lose_folder(Node& node) {
  const BrokerId id(static_cast<int32_t>(node.index()) + 1);
  if (!invariants_.can_spare(id)) return;
  stage_.counters.add(Event::folder_lost);
  kill(node, false);
  stage_.note([&] { return "FAULT: the folder of broker " + to_string(id) + " is gone"; });
  stage_.disk.erase_tree(home::ClusterDir{std::string(cluster_root)}.broker_dir(id));
  invariants_.lost_folder(id);
}

// --- healing

void Simulation::heal() {
  stage_.counters.add(Event::healed);
  stage_.note([] { return "the world is healed"; });
  stage_.disk.set_room(std::nullopt);
  bool restart = stage_.chance(1, 3);
  for (auto& node : nodes_) {
    node->paused_until = 0;
    if (!node->is_running()) continue;
    node->storage().do_not_crash();
    node->storage().fail_next({});
    // A broker whose disk was broken says that somebody has to start it again; one whose disk was full does not.
    if ((restart || node->is_hurt()) && !node->is_over()) node->kill(false);
  }
  admin_->stop();
  for (auto& producer : producers_) producer->begin_last_round();
  auto produced = [&] {
    return std::all_of(producers_.begin(), producers_.end(), [](const auto& p) { return p->is_done(); });
  };
  if (!until(produced, "produce")) return;
  admin_->begin_last_look();
  if (!until([&] { return admin_->is_done(); }, "show its topics")) return;
  std::vector<Place> places;
  for (const TopicId& id : model_.topics(Topic::State::there))
    for (int32_t p = 0; p < model_.find(id)->partitions_promised; p++) places.push_back({id, p});
  if (!until([&] { return invariants_.nothing_moves(); }, "end its moves")) return;
  consumers_.front()->begin_last_round(places);
  for (size_t i = 1; i < consumers_.size(); i++) consumers_[i]->begin_last_round({});
  if (!until([&] { return consumers_.front()->is_done(); }, "read everything")) return;
  for (auto& member : members_) member->begin_last_round();
  auto shared = [&] {
    return std::all_of(members_.begin(), members_.end(), [](const auto& m) { return m->is_done(); });
  };
  if (!until(shared, "share its partitions")) return;
  check_configs();
  invariants_.at_rest();
}

bool Simulation::until(const std::function<bool()>& done, const std::string& what) {
  for (uint64_t i = 0; i < healing_steps_max; i++) {
    if (stage_.violation()) return false;
    if (done()) return true;
    step(false);
  }
  stage_.violate("nothing is broken any more, and still the cluster cannot " + what + " within " +
                 std::to_string(healing_steps_max) + " steps: " + stuck());
  return false;
}

std::string Simulation::stuck() const {
  std::string out;
  for (const auto& producer : producers_) out += producer->unfinished() + "; ";
  for (const auto& consumer : consumers_) out += consumer->unfinished() + "; ";
  for (const auto& member : members_) out += member->unfinished() + "; ";
  for (const auto& node : nodes_)
    out += "broker " + std::to_string(node->index() + 1) + (node->is_ready() ? " answers, " : " does not answer, ") +
           std::to_string(node->jobs()) + " jobs; ";
  for (const auto& node : nodes_)
    if (node->is_ready()) out += node->partitions();
  return out;
}

// What was answered to alter configs is what the brokers go by.
void Simulation::check_configs() {
  for (const auto& node : nodes_) {
    if (!node->is_ready()) continue;
    for (const TopicId& id : model_.topics(Topic::State::there)) {
      const Topic& topic = *model_.find(id);
      const auto& configs = node->broker().image().configs(config::ConfigScope::topic, topic.plan.name);
      for (const auto& [key, value] : topic.configs_promised) {
        auto it = configs.find(key);
        auto unclear = topic.configs_unclear.find(key);
        if (it != configs.end() && unclear != topic.configs_unclear.end() && unclear->second.contains(it->second))
          continue;
        if (it == configs.end() || it->second != value)
          stage_.violate("topic " + topic.plan.name + ": " + key + " is " +
                         (it == configs.end() ? "not set" : it->second) + ", but " + value + " was answered to be set");
      }
    }
  }
}

}  // namespace bobbin::sim
