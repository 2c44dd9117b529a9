#include "cluster/partitions.h"

#include "base/uuid.h"
#include "log/checkpoints.h"

namespace bobbin::cluster {

namespace {

// A checkpoint that does not parse is as good as none: the logs are scanned from their start.
log::Checkpoint checkpoint_or_none(os::Storage& storage, const std::string& path, const Partitions::Say& say) {
  auto found = log::read_checkpoint(storage, path);
  if (found) return std::move(*found);
  say(path + ": " + found.error().message + "; going on without it");
  return {};
}

}  // namespace

Partitions::Partitions(os::World& world, std::string folder, BrokerId self, Say say, const FilesMax& files)
    : world_(world), files_(world.storage, files.kept, files.alive), folder_(std::move(folder)), self_(self), say_(std::move(say)) {}

Result<std::unique_ptr<Partitions>> Partitions::open(os::World& world, std::string folder, BrokerId self,
                                                     const std::string& cluster_id, Say say,
                                                     const FilesMax& files, const std::string& boot) {
  std::unique_ptr<Partitions> p(new Partitions(world, std::move(folder), self, std::move(say), files));
  p->boot_ = boot;
  BOBBIN_TRY(p->read_folder(cluster_id));
  return p;
}

std::string Partitions::path(std::string_view name) const { return folder_ + "/" + std::string(name); }

Status Partitions::read_folder(const std::string& cluster_id) {
  os::Storage& storage = world_.storage;
  std::string meta_path = path(log::meta_properties_file);
  auto text = os::read_whole_file(storage, meta_path);
  if (text) {
    BOBBIN_TRY_ASSIGN(meta, log::parse_meta_properties(*text));
    if (meta.cluster_id != cluster_id || meta.node != self_)
      return error(Errc::inconsistent_cluster_id, folder_ + " belongs to broker " + std::to_string(meta.node.value) +
                                                      " of cluster " + meta.cluster_id + ", not here: move it away");
    directory_id_ = meta.directory_id;
  } else if (text.error().code == Errc::not_found) {
    is_new_ = true;
    directory_id_ = os::random_uuid(world_.random);
    BOBBIN_TRY(os::write_whole_file(storage, meta_path, log::encode_meta_properties({cluster_id, self_, directory_id_})));
  } else {
    return std::move(text).error();
  }
  // The folder's own name too must outlive a power cut, or all that is in it is lost with it. Each start sees to it: the
  // one that made the folder may have died before.
  BOBBIN_TRY(storage.sync_dir(folder_.substr(0, folder_.rfind('/'))));
  recovery_points_ = checkpoint_or_none(storage, path(log::recovery_point_file), say_);
  log_starts_ = checkpoint_or_none(storage, path(log::log_start_file), say_);
  high_watermarks_ = checkpoint_or_none(storage, path(log::high_watermark_file), say_);
  auto topics = os::read_whole_file(storage, path(log::topic_ids_file));
  auto ids = topics ? log::parse_topic_ids(*topics) : Result<log::TopicIds>(topics.error());
  topic_ids_are_gone_ = !ids;
  if (ids) checkpointed_topics_ = std::move(*ids);

  auto noted = os::read_whole_file(storage, path(log::boot_id_file));
  same_boot_ = noted && !boot_.empty() && *noted == boot_;

  std::string mark = path(log::clean_shutdown_file);
  was_clean_ = storage.stat(mark).ok();
  if (was_clean_) {
    BOBBIN_TRY(storage.unlink(mark));
  }
  BOBBIN_TRY(storage.sync_dir(folder_));  // the mark is gone, and what a dead predecessor made here stays
  return {};
}

log::LogConfig Partitions::config_of(const TopicId& topic) const {
  auto it = settings_.find(topic);
  return log_config(it == settings_.end() ? metadata::TopicSettings{} : it->second, producer_id_expiration_ms_);
}

void Partitions::reconcile(const metadata::Image& image, const metadata::ConfigMap* static_file,
                           int64_t producer_id_expiration_ms) {
  producer_id_expiration_ms_ = producer_id_expiration_ms;
  std::unordered_map<TopicPartition, Known> mine;
  others_.clear();
  settings_.clear();
  for (const auto& [name, topic] : image.topics()) {
    settings_[topic.id] = metadata::topic_settings(image.topic_layers(name, self_, static_file));
    for (size_t i = 0; i < topic.partitions.size(); i++) {
      TopicPartition id{topic.id, PartitionId(static_cast<int32_t>(i))};
      if (topic.partitions[i].leader == self_) {
        mine[id] = {name, topic.partitions[i].leader_epoch};
      } else {
        others_[id] = name;
      }
    }
  }
  for (const auto& [id, known] : mine_)
    if (!mine.contains(id) && !others_.contains(id))
      let_go(id, known.topic_name, image.was_removed(id.topic) ? Fate::deleted : Fate::stray);
  mine_ = std::move(mine);
  for (auto& [id, partition] : open_) {
    auto it = mine_.find(id);
    if (it != mine_.end()) partition->update(settings_[id.topic], it->second.epoch, config_of(id.topic));
  }
  if (!sorted_out_) {
    drop_offsets_of_others(image);
    sort_out_folder(image);
    sorted_out_ = true;
  }
}

// Once, at the start: offsets of a topic that was deleted say nothing of one that was made anew under its name. Without
// the right id they are not believed; then logs are read from their start, and that is all. But if somebody took the ids
// after a clean end: whoever ended had no offsets of deleted topics.
void Partitions::drop_offsets_of_others(const metadata::Image& image) {
  auto is_other = [&](const auto& entry) {
    const std::string& name = entry.first.topic;
    const metadata::Topic* topic = image.topic(name);
    auto known = checkpointed_topics_.find(name);
    if (!topic || known == checkpointed_topics_.end()) return !topic || !(was_clean_ && topic_ids_are_gone_);
    return known->second != topic->id;
  };
  for (log::Checkpoint* offsets : {&recovery_points_, &log_starts_, &high_watermarks_}) std::erase_if(*offsets, is_other);
}

namespace {

Result<TopicId> owner_of(os::Storage& storage, const std::string& folder) {
  BOBBIN_TRY_ASSIGN(text, os::read_whole_file(storage, folder + "/" + std::string(log::partition_metadata_file)));
  return log::parse_partition_metadata(text);
}

// Whether a folder holds a byte of any record; one that cannot be looked into may.
bool may_hold_records(os::Storage& storage, const std::string& folder) {
  auto names = storage.list(folder);
  return !names || std::any_of(names->begin(), names->end(), [&](const std::string& name) {
    auto stat = name.ends_with(".log") ? storage.stat(folder + "/" + name) : Result<os::Stat>(error(Errc::not_found));
    return stat && stat->size > 0;
  });
}

}  // namespace

// Once, at the start: which partitions have a folder here, and which folders have no partition any more.
void Partitions::sort_out_folder(const metadata::Image& image) {
  auto names = world_.storage.list(folder_);
  if (!names) return say_(folder_ + ": " + names.error().message);
  folder_is_known_ = true;
  for (const std::string& name : *names) {
    if (name.ends_with(log::deleted_suffix)) {
      remove_later(name);
      continue;
    }
    auto which = log::parse_dir_name(name);
    auto stat = world_.storage.stat(path(name));
    if (which && stat && stat->is_dir && !name.ends_with(log::stray_suffix)) sort_out(*which, image);
  }
}

// A folder is what its partition.metadata says. Where that cannot be read, only the checkpoints can vouch for it: without
// them it may be what is left of an earlier topic of this name, and is not taken for the one of now.
void Partitions::sort_out(const log::TopicPartition& which, const metadata::Image& image) {
  const metadata::Topic* topic = image.topic(which.topic);
  bool exists = topic && which.partition.value >= 0 && static_cast<size_t>(which.partition.value) < topic->partitions.size();
  auto owner = owner_of(world_.storage, path(log::dir_name(which)));
  if (owner) {
    if (exists && *owner == topic->id) return void(on_disk_.insert({topic->id, which.partition}));
    return put_aside(which, *owner, image.was_removed(*owner) ? Fate::deleted : Fate::stray);
  }
  // A power cut leaves such folders, of topics that nobody was promised anything of. Otherwise opening it tells.
  bool may_be_torn = !was_clean_ && !same_boot_ && (owner.error().code == Errc::not_found || owner.error().code == Errc::damaged);
  if (exists && (!may_be_torn || is_vouched_for(which, topic->id))) return void(on_disk_.insert({topic->id, which.partition}));
  bool is_empty = !may_hold_records(world_.storage, path(log::dir_name(which)));
  put_aside(which, os::random_uuid(world_.random), is_empty ? Fate::deleted : Fate::stray);
}

bool Partitions::is_vouched_for(const log::TopicPartition& which, const TopicId& id) const {
  auto known = checkpointed_topics_.find(which.topic);
  return known != checkpointed_topics_.end() && known->second == id && recovery_points_.contains(which);
}

// Takes a folder's name away from the partition that had it.
void Partitions::put_aside(const log::TopicPartition& which, const Uuid& owner, Fate fate) {
  std::string name = log::dir_name(which);
  std::string_view suffix = fate == Fate::deleted ? log::deleted_suffix : log::stray_suffix;
  std::string aside = log::aside_name(which, owner, suffix);
  if (world_.storage.stat(path(aside))) aside = log::aside_name(which, os::random_uuid(world_.random), suffix);
  files_.forget_below(path(name));
  if (auto done = world_.storage.rename(path(name), path(aside)); !done) {
    if (done.error().code != Errc::not_found) say_(name + ": cannot be put aside: " + done.error().message);
  } else if (fate == Fate::deleted) {
    remove_later(aside);
  } else {
    say_(name + ": no such topic in the metadata; put aside as " + aside);
  }
}

bool Partitions::has_partitions() const {
  if (!recovery_points_.empty()) return true;
  auto names = world_.storage.list(folder_);
  return names && std::any_of(names->begin(), names->end(), [](const std::string& name) {
           return !name.ends_with("-delete") && !name.ends_with("-stray") && log::parse_dir_name(name);
         });
}

void Partitions::remove_later(const std::string& name) {
  auto done = std::make_shared<Status>();
  world_.jobs.submit([&storage = world_.storage, path = path(name), done] { *done = os::remove_tree(storage, path); },
                     [name, done, say = say_] {
                       if (!*done && done->error().code != Errc::not_found) say(name + ": not removed: " + done->error().message);
                     });
}

// Only what was deleted is removed. What the metadata does not know any more for another reason may be missed yet.
void Partitions::let_go(const TopicPartition& id, const std::string& topic_name, Fate fate) {
  open_.erase(id);
  unopened_.erase(id);
  on_disk_.erase(id);
  log::TopicPartition which{topic_name, id.partition};
  for (log::Checkpoint* offsets : {&recovery_points_, &log_starts_, &high_watermarks_}) offsets->erase(which);
  put_aside(which, id.topic, fate);
}

Result<Partition*> Partitions::leader(const TopicPartition& id) {
  if (auto it = open_.find(id); it != open_.end()) return it->second.get();
  auto it = mine_.find(id);
  if (it != mine_.end()) {
    if (!offline_.empty()) return error(Errc::kafka_storage_error, "the data folder is offline: " + offline_);
    return open_log(id, it->second);
  }
  if (others_.contains(id)) return error(Errc::not_leader_or_follower, "another broker leads this partition");
  return error(Errc::unknown_topic_or_partition, "no such topic or partition");
}

Result<Partition*> Partitions::open_log(const TopicPartition& id, const Known& known) {
  log::TopicPartition which{known.topic_name, id.partition};
  std::string dir = log::dir_name(which);
  // What repairs a log waits for a sync.
  if (!was_clean_ && !files_.has_room()) return error(Errc::busy, dir + ": " + std::string(log::no_room));
  log::OpenHint hint;
  hint.clean_shutdown = was_clean_;
  hint.same_boot = same_boot_;
  if (auto it = recovery_points_.find(which); it != recovery_points_.end()) hint.recovery_point = it->second;
  if (auto it = log_starts_.find(which); it != log_starts_.end()) hint.log_start = it->second;
  if (auto it = high_watermarks_.find(which); it != high_watermarks_.end()) hint.high_watermark = it->second;
  hint.is_vouched_for = is_vouched_for(which, id.topic);
  log::RecoveryReport found;
  auto opened = log::Log::open(world_, files_, path(dir), id.topic, config_of(id.topic), hint, found);
  if (!opened) {
    if (opened.error().code == Errc::busy) return std::move(opened).error().in(dir);  // no descriptor is left: that passes
    // Clients ask again and again; their broker's log tells once.
    if (std::string& said = unopened_[id]; said != opened.error().message) {
      said = opened.error().message;
      report(dir, found);
      say_(dir + (opened.error().code == Errc::damaged ? ": DAMAGED: " : ": cannot be opened: ") + said);
    }
    return error(opened.error().code == Errc::damaged ? Errc::damaged : Errc::kafka_storage_error, dir + ": " + opened.error().message);
  }
  unopened_.erase(id);
  report(dir, found);
  found_damage_ = found_damage_ || !found.damage.empty();
  auto partition = std::make_unique<Partition>(id, known.topic_name, std::move(*opened), settings_[id.topic], known.epoch);
  partition->advance();
  if (!partition->is_settled()) unsettled_.push_back(id);
  return (open_[id] = std::move(partition)).get();
}

void Partitions::report(const std::string& topic_dir, const log::RecoveryReport& r) {
  for (const auto& cut : r.cuts)
    say_(topic_dir + ": cut " + std::to_string(cut.bytes) + " bytes at " + std::to_string(cut.position) + " of " + cut.file + " (" +
         cut.what + "); the log goes on at offset " + std::to_string(cut.at.value) +
         (cut.kept_in.empty() ? std::string() : "; kept in " + cut.kept_in));
  for (const auto& d : r.damage)
    say_(topic_dir + ": DAMAGED: offsets " + std::to_string(d.first.value) + " to " + std::to_string(d.next.value - 1) + " at " +
         std::to_string(d.position) + " of " + d.file + ": " + d.what);
  for (const auto& note : r.notes) say_(topic_dir + ": " + note);
}

Partition* Partitions::find_open(const TopicPartition& id) {
  auto it = open_.find(id);
  return it == open_.end() ? nullptr : it->second.get();
}

void Partitions::for_each_open(const std::function<void(Partition&)>& visit) {
  for (auto& [id, partition] : open_) visit(*partition);
}

bool Partitions::retention_step(size_t logs_max) {
  for (const auto& [id, partition] : open_) on_disk_.insert(id);
  auto it = retention_at_ ? on_disk_.upper_bound(*retention_at_) : on_disk_.begin();
  for (size_t n = 0; n < logs_max; n++, ++it) {
    if (it == on_disk_.end()) {
      retention_at_.reset();
      return true;
    }
    retention_at_ = *it;
    if (!mine_.contains(*it)) continue;
    auto partition = leader(*it);
    if (!partition) continue;
    log::Log& log = (*partition)->log();
    Timestamp now = world_.clock.wall();
    auto rolled = log.roll_if_due(now);
    auto gone = log.retention(now, (*partition)->high_watermark());
    if (!rolled) say_((*partition)->topic_name() + ": not rolled: " + rolled.error().message);
    if (!gone) {
      say_((*partition)->topic_name() + ": retention failed: " + gone.error().message);
    } else if (*gone > 0) {
      say_(log::dir_name({(*partition)->topic_name(), it->partition}) + ": retention removed " + std::to_string(*gone) +
           " segments; the log starts at offset " + std::to_string(log.log_start().value));
    }
  }
  return it == on_disk_.end() && (retention_at_.reset(), true);
}

// Not synced: after a power cut it does not hold that boot's name, whatever is left of it.
void Partitions::note_boot() {
  if (boot_.empty() || boot_is_noted_ || !folder_is_known_ || !offline_.empty()) return;
  for (const auto& id : on_disk_)
    if (!open_.contains(id)) return;
  auto write = [&]() -> Status {
    BOBBIN_TRY_ASSIGN(file, world_.storage.open(path(log::boot_id_file), os::Open::create));
    BOBBIN_TRY(file->truncate(0));
    return file->write(boot_, 0);
  };
  boot_is_noted_ = write().ok();
}

std::optional<int64_t> Partitions::remove_due_files(int64_t now_mono_ms) {
  std::optional<int64_t> next;
  for (auto& [id, partition] : open_) {
    auto due = partition->log().due(now_mono_ms);
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

std::function<Status()> Partitions::checkpoint_work() {
  for (auto& [id, partition] : open_) {
    log::TopicPartition which{partition->topic_name(), id.partition};
    const log::Log& log = partition->log();
    if (log.log_end().value == 0) continue;
    recovery_points_[which] = log.recovery_point();
    high_watermarks_[which] = partition->high_watermark();
    if (log.log_start().value > 0) log_starts_[which] = log.log_start();
    checkpointed_topics_[which.topic] = id.topic;
  }
  std::erase_if(checkpointed_topics_, [&](const auto& topic) {
    auto first = recovery_points_.lower_bound({topic.first, PartitionId(0)});
    return first == recovery_points_.end() || first->first.topic != topic.first;
  });
  return [&storage = world_.storage, folder = folder_, points = recovery_points_, marks = high_watermarks_,
          starts = log_starts_, topics = checkpointed_topics_]() -> Status {
    BOBBIN_TRY(log::write_checkpoint(storage, folder + "/" + std::string(log::recovery_point_file), points));
    BOBBIN_TRY(log::write_checkpoint(storage, folder + "/" + std::string(log::high_watermark_file), marks));
    BOBBIN_TRY(log::write_checkpoint(storage, folder + "/" + std::string(log::log_start_file), starts));
    // Last: an id stands for offsets that are on the disk already, and not for those of the topic before.
    return os::write_whole_file(storage, folder + "/" + std::string(log::topic_ids_file), log::encode_topic_ids(topics));
  };
}

Status Partitions::close(BrokerEpoch epoch) {
  if (!offline_.empty()) return error(Errc::kafka_storage_error, offline_);
  Status closed;
  for (auto& [id, partition] : open_)
    if (Status one = partition->log().close(); !one && closed) closed = std::move(one);
  BOBBIN_TRY(checkpoint_work()());
  BOBBIN_TRY(closed);
  // Logs that were not opened in this life are as clean as they were before it.
  if (!was_clean_ && !folder_is_known_) return {};
  if (!was_clean_)
    for (const auto& id : on_disk_)
      if (mine_.contains(id) && !open_.contains(id)) return {};
  return os::write_whole_file(world_.storage, path(log::clean_shutdown_file),
                              log::encode_clean_shutdown(epoch));
}

void Partitions::take_offline(const std::string& why) {
  if (!offline_.empty()) return;
  offline_ = why;
  // What the kernel could not write it may forget, in this very boot.
  (void)world_.storage.unlink(path(log::boot_id_file));
  say_("the data folder " + folder_ + " is OFFLINE: " + why +
       "; nothing is written here until the broker is started again");
}

}  // namespace bobbin::cluster
