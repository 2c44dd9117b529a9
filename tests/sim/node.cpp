#include "sim/node.h"

namespace bobbin::sim {

void LifeJobs::advance(size_t i) {
  if (!jobs_[i].worked) {
    auto work = std::move(jobs_[i].work);
    jobs_[i].worked = true;
    return work();
  }
  Job job = std::move(jobs_[i]);
  jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
  job.done();
}

void LifeJobs::work_on(size_t i) {
  if (jobs_[i].worked) return;
  jobs_[i].worked = true;
  jobs_[i].work();
}

Node::Node(Stage& stage, Network& network, Nodes& nodes, size_t index, const Profile& profile,
           std::function<void(const std::string&)> wrote)
    : stage_(stage), network_(network), nodes_(nodes), index_(index), wrote_(std::move(wrote)), profile_(profile) {
  // Often enough for a short run.
  static_configs_["log.retention.check.interval.ms"] = "4000";
  static_configs_["broker.session.timeout.ms"] = "500";
  if (stage_.chance(1, 3)) static_configs_["leader.imbalance.check.interval.seconds"] = "1";
  if (profile.members > 0) {
    static_configs_["offsets.topic.num.partitions"] = "2";
    // Segments of a few batches: groups are written anew all the time.
    static_configs_["log.index.interval.bytes"] = "1";
    static_configs_["log.index.size.max.bytes"] = "96";
    static_configs_["group.min.session.timeout.ms"] = "100";
    static_configs_["group.initial.rebalance.delay.ms"] = "50";
  }
  if (!profile.lag_ms.empty()) static_configs_["replica.lag.time.max.ms"] = profile.lag_ms;
}

Node::~Node() { forget_life(true); }

// What broker/program.cpp does for a real process.
Status Node::prepare() {
  os::Storage& storage = life_->storage;
  BrokerId id(static_cast<int32_t>(index_) + 1);
  BOBBIN_TRY(storage.make_dir(dir_.broker_dir(id)));
  BOBBIN_TRY_ASSIGN(lock, storage.try_lock(dir_.broker_lock(id)));
  life_->lock = std::move(lock);
  return storage.make_dir(dir_.metadata_log_dir());
}

void Node::start() {
  check(!life_, "one life at a time");
  stage_.note([&] { return who() + " starts"; });
  life_ = std::make_unique<Life>(stage_, wrote_, stage_.random.next());
  lives_++;
  needs_round_ = true;
  using test::Call;
  constexpr Call late[] = {Call::rename, Call::unlink, Call::remove_dir};
  if (stage_.chance(1, 6)) life_->storage.crash_after(stage_.between(1, 80));
  if (stage_.chance(1, 4)) life_->storage.crash_in_next(late[stage_.random.below(std::size(late))]);
}

void Node::run_round() {
  needs_round_ = false;
  acted_ = true;
  if (!life_->broker) {
    if (auto prepared = prepare(); !prepared) {
      life_->failed = prepared.error();
      return;
    }
    broker::BrokerOptions options{BrokerId(static_cast<int32_t>(index_) + 1), dir_, static_configs_, "simulated", {},
                                  "boot " + std::to_string(stage_.power_cuts)};
    options.helpers = 1 + stage_.random.below(2);
    options.inspect_now_bytes_max = stage_.chance(1, 4) ? 64 << 10 : 0;  // what is compressed goes away
    if (lives_ % 2 == 0) options.in_place_bytes_min = 1;                 // followers read its files
    broker::BrokerHooks hooks{
        [this](const std::string& line) { heard(line); },
        [](const std::string&, bool, const auto& done) { done(std::optional<metadata::Endpoint>()); },
        [this](BrokerId id) { kill_other(id); }, this};
    life_->broker = std::make_unique<broker::Broker>(life_->world, *this, std::move(options), std::move(hooks));
    life_->broker->start([this](Status started) {
      if (started) {
        life_->ready = true;
      } else {
        life_->failed = started.error();
        stage_.counters.add(Event::start_failed);
      }
      stage_.note([&] { return who() + (started ? " answers" : " cannot start: " + started.error().message); });
    });
  }
  life_->broker->run();
}

void Node::heard(const std::string& line) {
  stage_.note([&] { return who() + " says: " + line; });
  const bool lost_its_folder = line.find("was gone: what this broker's partitions held is lost") != std::string::npos;
  if (line.find("DAMAGED") != std::string::npos && !lost_its_folder)
    stage_.violate(who() + " reports damage, and no bit was flipped: " + line);
  if (line.starts_with("not registered yet")) life_->put_off = true;
  if (line.starts_with("registered: ")) life_->put_off = false;
  if (line.find(": cut at offset ") != std::string::npos) stage_.counters.add(Event::log_cut);
  if (line.find("what it led is led by others") != std::string::npos) stage_.counters.add(Event::leader_changed);
  if (line.find("led again by the brokers where they were placed") != std::string::npos)
    stage_.counters.add(Event::leaders_balanced);
  if (line.find("retention removed") != std::string::npos) stage_.counters.add(Event::segment_deleted);
}

void Node::kill(bool in_jobs) {
  stage_.note([&] { return "FAULT: " + who() + (in_jobs ? " is killed while its helpers work" : " is killed"); });
  if (in_jobs) {
    life_->storage.crash_after(stage_.between(1, 6));
    while (!life_->storage.is_dead() && jobs() > 0 && stage_.chance(4, 5))
      life_->jobs.work_on(stage_.random.below(jobs()));
  }
  forget_life(false);
}

void Node::begin_closing() {
  stage_.note([&] { return who() + " is stopped"; });
  life_->closing = true;
  life_->broker->shut_down([] {});
  needs_round_ = true;
}

bool Node::is_over() const {
  return life_ && (life_->storage.is_dead() || life_->failed || (life_->broker && life_->broker->is_closed()));
}

void Node::bury() {
  if (life_->storage.is_dead()) {
    stage_.counters.add(Event::crash_at_call);
    if (!life_->ready) stage_.counters.add(Event::crash_in_recovery);
    if (life_->closing) stage_.counters.add(Event::crash_while_closing);
  } else if (life_->broker && life_->broker->is_closed()) {
    stage_.counters.add(Event::clean_restart);
  }
  stage_.note([&] { return who() + " is gone"; });
  forget_life(false);
}

void Node::forget_life(bool lose_answers) {
  if (!life_) return;
  life_->storage.end();
  network_.lose_node(index_, lose_answers);
  life_.reset();
  paused_until = 0;
  dies_at.reset();
}

std::optional<LineId> Node::connect(LineOwner* owner) {
  if (!is_ready() || life_->closing) return std::nullopt;
  broker::ConnectionId id(life_->next_connection++);
  LineId line = network_.connect(index_, id, owner);
  broker::Peer peer;
  peer.unix = true;
  peer.address = "unix";
  life_->broker->on_connected(id, peer);
  needs_round_ = true;
  return line;
}

void Node::advance_job(size_t i) {
  life_->jobs.advance(i);
  needs_round_ = acted_ = true;
}

void Node::deliver(LineId line) {
  Line* l = network_.find(line);
  broker::ConnectionId id = l->id;
  needs_round_ = acted_ = true;
  if (l->to_broker.empty()) {
    l->told_gone = true;
    l->broker_hung_up = true;
    return life_->broker->on_disconnected(id);
  }
  std::string frame = std::move(l->to_broker.front());
  l->to_broker.pop_front();
  life_->broker->on_frame(id, Bytes(frame).substr(4));
}

void Node::metadata_changed() {
  metadata_pending = false;
  life_->broker->on_metadata_changed();
  needs_round_ = acted_ = true;
}

std::string Node::partitions() const {
  auto list = [](const std::vector<BrokerId>& ids) {
    std::string out;
    for (BrokerId id : ids) out += (out.empty() ? "" : ",") + to_string(id);
    return out;
  };
  broker::Broker& broker = *life_->broker;
  std::string out;
  for (const auto& [name, topic] : broker.image().topics()) {
    for (size_t i = 0; i < topic.partitions.size(); i++) {
      const metadata::Partition& p = topic.partitions[i];
      const cluster::TopicPartition id{topic.id, PartitionId(static_cast<int32_t>(i))};
      out += "\n  " + who() + ": " + name + "-" + std::to_string(i) + " led by " + to_string(p.leader) + " epoch " +
             to_string(p.leader_epoch) + " isr " + list(p.isr) + " eligible " + list(p.eligible_leaders);
      cluster::Leading* leading = broker.replicas().opened().find_leading(id);
      cluster::Following* following = broker.replicas().opened().find_following(id);
      if (const cluster::Copy* copy = broker.replicas().opened().find_copy(id))
        out += std::string(leading ? "; leads" : "; follows") + " " + to_string(copy->log_start()) + ".." +
               to_string(copy->log_end()) + " durable " + to_string(copy->durable_end()) + " counts " +
               to_string(copy->promised_end()) + " hw " + to_string(broker.replicas().opened().high_watermark(id));
      else out += "; closed";
      if (following && !following->position()) out += ", does not ask";
      if (!leading) continue;
      for (BrokerId who : leading->in_sync().followers()) {
        auto f = leading->in_sync().follower(who);
        out += ", " + to_string(who) + " at " + (f.end ? to_string(*f.end) : "?");
      }
    }
  }
  return out;
}

bool Node::is_due() const {
  auto at = deadline();
  return at && *at <= stage_.clock.mono;
}

std::optional<int64_t> Node::deadline() const {
  if (!life_ || !life_->broker || is_over()) return std::nullopt;
  return life_->broker->next_deadline_ms();
}

void Node::kill_other(BrokerId id) {
  Node& other = *nodes_.at(static_cast<size_t>(id.value) - 1);
  if (!other.life_) return;
  stage_.counters.add(Event::killed_by_another);
  if (!stage_.chance(profile_.killed_late, 2)) return other.kill(false);
  // It waits for a disk, and goes on until then.
  stage_.counters.add(Event::killed_late);
  other.dies_at = stage_.clock.mono + static_cast<int64_t>(stage_.between(1, 1000));
}

std::optional<broker::LinkId> Node::connect(BrokerId to) {
  auto line = nodes_.at(static_cast<size_t>(to.value) - 1)->connect(this);
  if (!line) return std::nullopt;
  return broker::LinkId(line->value);
}

void Node::send(broker::LinkId id, std::string frame) { network_.send(LineId(id.value), std::move(frame)); }

void Node::close(broker::LinkId id) { network_.hang_up(LineId(id.value)); }

void Node::on_answer(LineId line, Bytes frame) {
  needs_round_ = acted_ = true;
  if (auto* peers = life_->broker->peers()) peers->on_frame(broker::LinkId(line.value), frame);
}

void Node::on_lost(LineId line) {
  needs_round_ = acted_ = true;
  if (auto* peers = life_->broker->peers()) peers->on_lost(broker::LinkId(line.value));
}

void Node::send(broker::ConnectionId id, std::string frame) {
  if (!life_ || life_->storage.is_dead()) return;
  Line* line = network_.find(network_.line_of(index_, id));
  if (line && !line->broker_hung_up) line->to_client.push_back(std::move(frame));
}

void Node::close(broker::ConnectionId id) {
  if (!life_ || life_->storage.is_dead()) return;
  LineId line = network_.line_of(index_, id);
  if (Line* l = network_.find(line)) {
    l->to_broker.clear();
    l->broker_hung_up = true;
  }
}

void Node::pause(broker::ConnectionId id) {
  if (life_->broker->connections().is_away(id)) stage_.counters.add(Event::looked_at_elsewhere);
  if (Line* line = network_.find(network_.line_of(index_, id))) line->paused = true;
}

void Node::resume(broker::ConnectionId id) {
  if (Line* line = network_.find(network_.line_of(index_, id))) line->paused = false;
}

}  // namespace bobbin::sim
