#include "cluster/partitions.h"

#include "metadata/config_layers.h"

namespace bobbin::cluster {

Partitions::Partitions(os::World& world, Folder folder, BrokerId self, Say say, const FilesMax& files)
    : world_(world), files_(world.storage, files.kept, files.alive), folder_(std::move(folder)), self_(self),
      say_(std::move(say)),
      openings_(world, files_, [this](const TopicPartition& id, log::OpenWork& work) { opened(id, work); }) {}

Result<std::unique_ptr<Partitions>> Partitions::open(os::World& world, std::string path, BrokerId self,
                                                     const std::string& cluster_id, Say say, const FilesMax& files,
                                                     const std::string& boot) {
  BOBBIN_TRY_ASSIGN(folder, Folder::open(world, std::move(path), self, cluster_id, say, boot));
  return std::unique_ptr<Partitions>(new Partitions(world, std::move(folder), self, std::move(say), files));
}

const config::TopicSettings& Partitions::settings_of(const TopicId& topic) const {
  auto own = own_settings_.find(topic);
  return own == own_settings_.end() ? plain_settings_ : own->second;
}

log::LogConfig Partitions::config_of(const TopicId& topic) const {
  return log_config(settings_of(topic), producer_id_expiration_ms_);
}

void Partitions::reconcile(const metadata::Image& image, const metadata::Delta& delta,
                           const config::ConfigMap* static_file, int64_t producer_id_expiration_ms) {
  producer_id_expiration_ms_ = producer_id_expiration_ms;
  const config::ConfigLayers layers = metadata::broker_layers(image, self_, static_file);
  plain_settings_ = config::topic_settings(layers);
  std::set<TopicId> touched = delta.topics;
  if (delta.anew) {
    for (const auto& [id, known] : topics_) touched.insert(id);
    for (const auto& [name, topic] : image.topics()) touched.insert(topic.id);
  } else if (delta.broker_configs) {
    for (const auto& [id, settings] : own_settings_) touched.insert(id);
  }
  for (const TopicId& id : touched) follow_topic(image, id, layers);
  if (delta.anew || delta.broker_configs)
    for (auto& [id, partition] : open_)
      if (auto it = mine_.find(id); it != mine_.end())
        partition->update(settings_of(id.topic), it->second.epoch, config_of(id.topic));
}

void Partitions::follow_topic(const metadata::Image& image, const TopicId& id, config::ConfigLayers layers) {
  const metadata::Topic* topic = image.topic(id);
  if (!topic) return forget_topic(id, image.was_removed(id) ? Fate::deleted : Fate::stray);
  topics_[id] = {topic->name, topic->partitions.size()};
  layers.topic = &image.configs(config::ConfigScope::topic, topic->name);
  own_settings_.erase(id);
  if (!layers.topic->empty()) own_settings_[id] = config::topic_settings(layers);
  for (size_t i = 0; i < topic->partitions.size(); i++) {
    TopicPartition which{id, PartitionId(static_cast<int32_t>(i))};
    const metadata::Partition& partition = topic->partitions[i];
    const bool is_mine = partition.leader == self_;
    if (is_mine) mine_[which] = {topic->name, partition.leader_epoch};
    else mine_.erase(which);
    if (is_mine) others_.erase(which);
    else others_[which] = topic->name;
    if (auto open = is_mine ? open_.find(which) : open_.end(); open != open_.end())
      open->second->update(settings_of(id), partition.leader_epoch, config_of(id));
  }
}

void Partitions::forget_topic(const TopicId& id, Fate fate) {
  auto known = topics_.extract(id);
  if (!known) return;
  own_settings_.erase(id);
  for (size_t i = 0; i < known.mapped().partitions; i++) {
    TopicPartition which{id, PartitionId(static_cast<int32_t>(i))};
    others_.erase(which);
    if (mine_.erase(which) > 0) let_go(which, known.mapped().name, fate);
  }
}

Status Partitions::sort_out(const metadata::Image& image) {
  BOBBIN_TRY_ASSIGN(found, folder_.sort_out(image));
  on_disk_ = std::move(found);
  return {};
}

// Only what was deleted is removed. What the metadata does not know any more for another reason may be missed yet.
void Partitions::let_go(const TopicPartition& id, const std::string& topic_name, Fate fate) {
  open_.erase(id);
  unopened_.erase(id);
  on_disk_.erase(id);
  log::TopicPartition which{topic_name, id.partition};
  folder_.forget(which);
  openings_.abandon(id, [this, id, which, fate] {
    files_.forget_below(folder_.path_of(log::dir_name(which)));
    folder_.put_aside(which, id.topic, fate);
  });
  tell_waiting(id);
}

Result<Partition*> Partitions::leader(const TopicPartition& id) {
  if (auto it = open_.find(id); it != open_.end()) return it->second.get();
  auto it = mine_.find(id);
  if (it != mine_.end()) {
    if (!offline_reason().empty())
      return error(Errc::kafka_storage_error, "the data folder is offline: " + offline_reason());
    if (auto why = unopened_.find(id); why != unopened_.end() && !openings_.is_wanted(id)) return why->second;
    std::string dir = log::dir_name({it->second.topic_name, id.partition});
    if (!begin_open(id)) return error(Errc::busy, dir + ": " + std::string(log::no_room));
    return error(Errc::busy, dir + ": is being opened");
  }
  if (others_.contains(id)) return error(Errc::not_leader_or_follower, "another broker leads this partition");
  return error(Errc::unknown_topic_or_partition, "no such topic or partition");
}

void Partitions::open(const std::vector<TopicPartition>& ids, std::function<void()> then) {
  auto waiting = std::make_shared<Waiting>();
  waiting->then = std::move(then);
  for (const TopicPartition& id : ids) {
    if (!is_closed(id) || !offline_reason().empty() || !begin_open(id)) continue;
    waiting->left++;
    waiting_[id].push_back(waiting);
  }
  waiting->one_less();
}

// False: there is no descriptor for it. What repairs a log waits for a sync.
bool Partitions::begin_open(const TopicPartition& id) {
  if (openings_.is_wanted(id)) return true;
  if (!folder_.was_clean() && !files_.has_room()) return false;
  const std::string& name = mine_.at(id).topic_name;
  openings_.want(id, log::dir_name({name, id.partition}), [this, id, name] { return to_open(id, name); });
  return true;
}

log::ToOpen Partitions::to_open(const TopicPartition& id, const std::string& topic_name) const {
  log::TopicPartition which{topic_name, id.partition};
  return {folder_.path_of(log::dir_name(which)), id.topic, config_of(id.topic), folder_.hint_for(which, id.topic)};
}

void Partitions::opened(const TopicPartition& id, log::OpenWork& work) {
  auto log = work.take();
  if (!mine_.contains(id)) return tell_waiting(id);
  if (log) take_log(id, std::move(*log), work.report());
  else note_failure(id, std::move(log).error(), work.report());
  tell_waiting(id);
}

void Partitions::take_log(const TopicPartition& id, std::unique_ptr<log::Log> log, const log::RecoveryReport& found) {
  const Known& known = mine_.at(id);
  unopened_.erase(id);
  report(log::dir_name({known.topic_name, id.partition}), found);
  found_damage_ = found_damage_ || !found.damage.empty();
  log->update(config_of(id.topic));
  auto partition =
      std::make_unique<Partition>(id, known.topic_name, std::move(log), settings_of(id.topic), known.epoch);
  if (folder_.told_end({known.topic_name, id.partition}) > Offset(0)) partition->note_checkpoint();
  partition->advance();
  if (!partition->is_settled()) unsettled_.push_back(id);
  open_[id] = std::move(partition);
  opened_.push_back(id);
}

// Clients ask again and again; their broker's log tells once.
void Partitions::note_failure(const TopicPartition& id, Error why, const log::RecoveryReport& found) {
  if (why.code == Errc::busy) return;  // no descriptor is left: that passes, and nobody is told to ask at once
  std::string dir = log::dir_name({mine_.at(id).topic_name, id.partition});
  const bool is_damaged = why.code == Errc::damaged;
  Error told{is_damaged ? Errc::damaged : Errc::kafka_storage_error, why.message};
  auto before = unopened_.find(id);
  if (before == unopened_.end() || before->second.message != told.message) {
    report(dir, found);
    say_(dir + (is_damaged ? ": DAMAGED: " : ": cannot be opened: ") + why.message);
  }
  unopened_.insert_or_assign(id, std::move(told));
  opened_.push_back(id);
}

void Partitions::tell_waiting(const TopicPartition& id) {
  auto waiting = waiting_.extract(id);
  if (!waiting) return;
  for (auto& each : waiting.mapped()) each->one_less();
}

void Partitions::report(const std::string& topic_dir, const log::RecoveryReport& r) {
  for (const auto& cut : r.cuts)
    say_(topic_dir + ": cut " + std::to_string(cut.bytes) + " bytes at " + std::to_string(cut.position) + " of " +
         cut.file + " (" + cut.what + "); the log goes on at offset " + to_string(cut.at) +
         (cut.kept_in.empty() ? std::string() : "; kept in " + cut.kept_in));
  for (const auto& d : r.damage) say_(topic_dir + ": DAMAGED: " + log::text(d));
  for (const auto& note : r.notes) say_(topic_dir + ": " + note);
}

Partition* Partitions::find_open(const TopicPartition& id) {
  auto it = open_.find(id);
  return it == open_.end() ? nullptr : it->second.get();
}

void Partitions::for_each_open(const std::function<void(Partition&)>& visit) {
  for (auto& [id, partition] : open_) visit(*partition);
}

void Partitions::retention_step(size_t logs_max, std::function<void(bool complete)> done) {
  for (const auto& [id, partition] : open_) on_disk_.insert(id);
  auto it = retention_at_ ? on_disk_.upper_bound(*retention_at_) : on_disk_.begin();
  std::vector<TopicPartition> ids;
  for (; it != on_disk_.end() && ids.size() < logs_max; ++it) ids.push_back(*it);
  const bool complete = it == on_disk_.end();
  if (complete) retention_at_.reset();
  else retention_at_ = ids.back();
  open(ids, [this, ids, complete, done = std::move(done)] {
    retain_next(std::make_shared<RetentionPass>(RetentionPass{ids, [complete, done] { done(complete); }}));
  });
}

// One after the other: what a log has to look at for that may not be in memory.
void Partitions::retain_next(std::shared_ptr<RetentionPass> pass) {
  for (; pass->next < pass->ids.size(); pass->next++, pass->cold = {}) {
    Partition* partition = find_open(pass->ids[pass->next]);
    if (!partition) continue;
    auto look = [&] { (void)partition->log().expired(world_.clock.wall(), partition->high_watermark()); };
    if (!pass->cold.try_now(look)) return pass->cold.bring_in(world_, [this, pass] { retain_next(pass); });
    retain(*partition);
  }
  pass->then();
}

void Partitions::retain_all() {
  for (const TopicPartition& id : on_disk_) {
    if (!is_closed(id) || openings_.is_wanted(id) || !offline_reason().empty()) continue;
    log::OpenWork work(world_, files_, to_open(id, mine_.at(id).topic_name));
    work.run();
    opened(id, work);
  }
  for (auto& [id, partition] : open_) retain(*partition);
}

void Partitions::retain(Partition& partition) {
  log::Log& log = partition.log();
  Timestamp now = world_.clock.wall();
  auto rolled = log.roll_if_due(now);
  auto gone = log.retention(now, partition.high_watermark());
  if (!rolled) say_(partition.topic_name() + ": not rolled: " + rolled.error().message);
  if (!gone) {
    say_(partition.topic_name() + ": retention failed: " + gone.error().message);
  } else if (*gone > 0) {
    say_(log::dir_name({partition.topic_name(), partition.id().partition}) + ": retention removed " +
         std::to_string(*gone) + " segments; the log starts at offset " + std::to_string(log.log_start().value));
  }
}

void Partitions::note_boot() {
  bool all_open = std::all_of(on_disk_.begin(), on_disk_.end(), [&](const auto& id) { return open_.contains(id); });
  if (all_open) folder_.note_boot();
}

std::optional<int64_t> Partitions::remove_due_files(int64_t now_mono_ms) {
  std::optional<int64_t> next;
  for (auto& [id, partition] : open_) {
    auto due = partition->log().due(now_mono_ms);
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

std::function<Status()> Partitions::young_work(const std::vector<TopicPartition>& ids) {
  for (const TopicPartition& id : ids)
    if (Partition* p = find_open(id))
      folder_.note_young({p->topic_name(), id.partition}, id.topic, p->log().durable_end());
  return folder_.young_work();
}

std::function<Status()> Partitions::checkpoint_work() {
  for (auto& [id, partition] : open_) {
    const log::Log& log = partition->log();
    log::TopicPartition which{partition->topic_name(), id.partition};
    // Not what was shown, which is more where no flush is waited for: after a power cut that would be missed.
    if (log.log_end().value == 0) folder_.forget(which);
    else folder_.note(which, id.topic, {log.recovery_point(), log.durable_end(), log.log_start()});
  }
  return folder_.checkpoint_work();
}

Status Partitions::close(BrokerEpoch epoch) {
  if (!offline_reason().empty()) return error(Errc::kafka_storage_error, offline_reason());
  Status closed;
  for (auto& [id, partition] : open_)
    if (Status one = partition->log().close(); !one && closed) closed = std::move(one);
  BOBBIN_TRY(checkpoint_work()());
  BOBBIN_TRY(closed);
  // Logs that were not opened in this life are as clean as they were before it.
  bool all_open = std::all_of(on_disk_.begin(), on_disk_.end(),
                              [&](const auto& id) { return !mine_.contains(id) || open_.contains(id); });
  return folder_.was_clean() || all_open ? folder_.mark_clean(epoch) : Status();
}

}  // namespace bobbin::cluster
