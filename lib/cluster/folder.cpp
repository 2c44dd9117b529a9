#include "cluster/folder.h"

#include <algorithm>

#include "base/ids.h"
#include "base/uuid.h"
#include "cluster/identity.h"
#include "os/path.h"

namespace bobbin::cluster {

namespace {

// A checkpoint that does not parse is as good as none: the logs are scanned from their start.
Result<log::Checkpoint> checkpoint_or_none(os::Storage& storage, const std::string& path, const Say& say) {
  auto found = log::read_checkpoint(storage, path);
  if (found || found.error().code == Errc::damaged) return found;
  say(found.error().message + "; going on without it");
  return log::Checkpoint();
}

// Whether a folder holds a byte of any record; one that cannot be looked into may.
bool may_hold_records(os::Storage& storage, const std::string& folder) {
  auto names = storage.list(folder);
  return !names || std::any_of(names->begin(), names->end(), [&](const std::string& name) {
    auto stat = name.ends_with(".log") ? storage.stat(folder + "/" + name) : Result<os::Stat>(error(Errc::not_found));
    return stat && stat->size > 0;
  });
}

// The partition that has this name in the metadata, or nothing.
std::optional<TopicPartition> named_by(const log::TopicPartition& which, const metadata::Image& image) {
  return id_of(image.topic(which.topic), which.partition);
}

bool has_copy_of(BrokerId self, const metadata::Image& image, const TopicPartition& id) {
  return holds(image.topic(id.topic)->partition(id.partition)->replicas, self);
}

// The same, if this broker has a place in it.
std::optional<TopicPartition> named_by(const log::TopicPartition& which, const metadata::Image& image, BrokerId self) {
  auto id = named_by(which, image);
  return id && has_copy_of(self, image, *id) ? id : std::nullopt;
}

Offset noted(const log::Checkpoint& offsets, const log::TopicPartition& which) {
  auto it = offsets.find(which);
  return it == offsets.end() ? Offset(0) : it->second;
}

bool is_aside(std::string_view name) {
  return name.ends_with(log::deleted_suffix) || name.ends_with(log::stray_suffix) ||
         name.ends_with(log::damaged_suffix);
}

}  // namespace

// --- opening

Result<Folder> Folder::open(os::World& world, std::string path, BrokerId self, const std::string& cluster_id, Say say,
                            std::string boot) {
  BOBBIN_TRY_ASSIGN(young, YoungLogs::read(world.storage, path + "/" + std::string(young_logs_file)));
  Folder folder(world, std::move(path), std::move(say), std::move(young));
  BOBBIN_TRY(folder.identify(self, cluster_id));
  BOBBIN_TRY(folder.read_checkpoints());
  BOBBIN_TRY(folder.read_marks(boot));
  folder.boot_ = std::move(boot);
  return folder;
}

Status Folder::identify(BrokerId self, const std::string& cluster_id) {
  self_ = self;
  os::Storage& storage = world_->storage;
  BOBBIN_TRY_ASSIGN(identity, read_identity(storage, path_, self, cluster_id));
  if (!identity) {
    // Behind a link is the place of another disk: whoever links there has an identity made first.
    if (auto folder = storage.stat(path_); folder && folder->is_link)
      return error(Errc::io_error, path_ +
                                       " is a symbolic link to a folder without meta.properties, where nothing is "
                                       "begun: is the right disk mounted there?");
    BOBBIN_TRY_ASSIGN(made, make_identity(storage, world_->random, path_, self, cluster_id));
    identity = made;
    is_new_ = true;
  }
  directory_id_ = identity->directory_id;
  // The folder's own name too must outlive a power cut, or all that is in it is lost with it. Each start sees to it:
  // the one that made the folder may have died before.
  return storage.sync_dir(os::parent_of(path_));
}

Status Folder::read_checkpoints() {
  os::Storage& storage = world_->storage;
  BOBBIN_TRY_ASSIGN(points, checkpoint_or_none(storage, path_of(log::recovery_point_file), say_));
  BOBBIN_TRY_ASSIGN(starts, checkpoint_or_none(storage, path_of(log::log_start_file), say_));
  BOBBIN_TRY_ASSIGN(marks, checkpoint_or_none(storage, path_of(log::high_watermark_file), say_));
  recovery_points_ = std::move(points);
  log_starts_ = std::move(starts);
  high_watermarks_ = std::move(marks);
  auto text = os::read_whole_file(storage, path_of(log::topic_ids_file));
  if (!text && text.error().code == Errc::damaged) return std::move(text).error();
  auto ids = text ? log::parse_topic_ids(*text) : Result<log::TopicIds>(text.error());
  topic_ids_are_gone_ = !ids;
  if (ids) topic_ids_ = std::move(*ids);
  return {};
}

Status Folder::read_marks(const std::string& boot) {
  os::Storage& storage = world_->storage;
  auto noted = os::read_whole_file(storage, path_of(log::boot_id_file));
  same_boot_ = noted && !boot.empty() && *noted == boot;
  was_clean_ = storage.stat(path_of(log::clean_shutdown_file)).ok();
  if (was_clean_) BOBBIN_TRY(storage.unlink(path_of(log::clean_shutdown_file)));
  return storage.sync_dir(path_);  // the mark is gone, and what a dead predecessor made here stays
}

bool Folder::has_partitions() const {
  if (!recovery_points_.empty() || !high_watermarks_.empty()) return true;
  auto names = world_->storage.list(path_);
  return names && std::any_of(names->begin(), names->end(),
                              [](const std::string& name) { return !is_aside(name) && log::parse_dir_name(name); });
}

// --- what is in it

Result<std::set<TopicPartition>> Folder::sort_out(const metadata::Image& image) {
  const bool any_moved = drop_offsets_of_others(image);
  for (const auto& [which, told] : young_.found())
    if (auto id = named_by(which, image, self_); id && id->topic == told.topic) {
      take_over_young(which, told);
      young_.keep_start(which, told);
    }
  // In this order (departures.h). If there is no room, they stay until the next start.
  may_remove_moved_ = !any_moved || (checkpoint_work()() && young_work()());
  std::set<TopicPartition> found;
  BOBBIN_TRY_ASSIGN(names, world_->storage.list(path_));
  for (const std::string& name : names) {
    if (name.ends_with(log::deleted_suffix)) remove_later(name);
    auto which = is_aside(name) ? std::nullopt : log::parse_dir_name(name);
    if (!which) continue;
    BOBBIN_TRY_ASSIGN(stat, world_->storage.stat(path_of(name)));
    // What is no folder is left where it is; opening it tells.
    auto ours = stat.is_dir ? sort_out(*which, image) : named_by(*which, image, self_);
    if (ours) found.insert(*ours);
  }
  // A folder that should be there is looked at, too: what is gone with it is told at once.
  for (const log::Checkpoint* offsets : {&recovery_points_, &high_watermarks_, &log_starts_})
    for (const auto& [which, offset] : *offsets)
      if (auto ours = offset > Offset(0) ? named_by(which, image, self_) : std::nullopt) found.insert(*ours);
  return found;
}

// Offsets of a topic that was deleted say nothing of one that was made anew under its name, nor those of a copy that is
// no more of one that is made anew. Without the right id they are not believed; then logs are read from their start,
// and that is all. But if somebody took the ids: hardly any topic was made anew since, and what is missing of one that
// was not is told.
bool Folder::drop_offsets_of_others(const metadata::Image& image) {
  auto is_moved = [&](const log::TopicPartition& which) {
    auto id = named_by(which, image);
    return id && !has_copy_of(self_, image, *id);
  };
  bool any_moved =
      std::any_of(young_.found().begin(), young_.found().end(), [&](const auto& told) { return is_moved(told.first); });
  auto is_other = [&](const auto& entry) {
    const std::string& name = entry.first.topic;
    const metadata::Topic* topic = image.topic(name);
    auto known = topic_ids_.find(name);
    if (is_moved(entry.first)) return any_moved = true;
    if (!topic || known == topic_ids_.end()) return !topic || !topic_ids_are_gone_;
    return known->second != topic->id;
  };
  for (log::Checkpoint* offsets : {&recovery_points_, &log_starts_, &high_watermarks_})
    std::erase_if(*offsets, is_other);
  return any_moved;
}

void Folder::take_over_young(const log::TopicPartition& which, const YoungLogs::Told& told) {
  Offset& end = high_watermarks_[which];
  end = std::max(end, told.end);
  topic_ids_[which.topic] = told.topic;
  if (told.start == Offset(0)) return;
  Offset& start = log_starts_[which];
  start = std::max(start, told.start);
}

// A folder is what its partition.metadata says. Where that cannot be read, only the checkpoints can vouch for it:
// without them it may be what is left of an earlier topic of this name, and is not taken for the one of now.
std::optional<TopicPartition> Folder::sort_out(const log::TopicPartition& which, const metadata::Image& image) {
  const std::optional<TopicPartition> id = named_by(which, image, self_);
  auto owner = log::owner_of(world_->storage, path_of(log::dir_name(which)));
  if (owner && id && *owner == id->topic) return id;
  if (owner) {
    const bool is_moved = image.removed().copies.contains({*owner, which.partition, self_});
    if (is_moved && !may_remove_moved_) return std::nullopt;
    put_aside(which, *owner, is_moved || image.removed().topics.contains(*owner) ? Fate::deleted : Fate::stray);
    return std::nullopt;
  }
  // A power cut leaves such folders, of topics that nobody was promised anything of. Otherwise opening it tells.
  bool may_be_torn =
      !was_clean_ && !same_boot_ && (owner.error().code == Errc::not_found || owner.error().code == Errc::damaged);
  if (id && (!may_be_torn || is_vouched_for(which, id->topic))) return id;
  bool is_empty = !may_hold_records(world_->storage, path_of(log::dir_name(which)));
  put_aside(which, os::random_uuid(world_->random), is_empty ? Fate::deleted : Fate::stray);
  return std::nullopt;
}

bool Folder::is_vouched_for(const log::TopicPartition& which, const TopicId& id) const {
  auto known = topic_ids_.find(which.topic);
  return known != topic_ids_.end() && known->second == id &&
         (recovery_points_.contains(which) || high_watermarks_.contains(which));
}

void Folder::put_aside(const log::TopicPartition& which, const Uuid& owner, Fate fate) {
  const std::string name = log::dir_name(which);
  // Most of a large topic's have none: a look costs less than a name that is tried in vain.
  if (auto there = world_->storage.stat(path_of(name)); !there && there.error().code == Errc::not_found) return;
  std::string_view suffix = fate == Fate::deleted ? log::deleted_suffix
                            : fate == Fate::stray ? log::stray_suffix
                                                  : log::damaged_suffix;
  std::string aside = log::aside_name(which, owner, suffix);
  if (world_->storage.stat(path_of(aside))) aside = log::aside_name(which, os::random_uuid(world_->random), suffix);
  if (auto done = world_->storage.rename(path_of(name), path_of(aside)); !done) {
    if (done.error().code != Errc::not_found) say_(name + ": cannot be put aside: " + done.error().message);
  } else if (fate == Fate::deleted) {
    remove_later(aside);
  } else {
    say_(name +
         (fate == Fate::stray ? ": the metadata knows of no such copy here; put aside as "
                              : ": made anew from its leader's copy; what it was is put aside as ") +
         aside);
  }
}

void Folder::remove_later(const std::string& name) {
  if (auto stat = world_->storage.stat(path_of(name)); stat && stat->is_link)
    say_(name + ": was a symbolic link, which is removed; the files that it leads to are not");
  auto done = std::make_shared<Status>();
  world_->jobs.submit(
      [&storage = world_->storage, path = path_of(name), done] { *done = os::remove_tree(storage, path); },
      [name, done, say = say_] {
        if (!*done && done->error().code != Errc::not_found) say(name + ": not removed: " + done->error().message);
      });
}

// --- what is known of its logs

Offset Folder::told_end(const log::TopicPartition& which) const {
  return std::max({noted(recovery_points_, which), noted(high_watermarks_, which), noted(log_starts_, which)});
}

log::OpenHint Folder::hint_for(const log::TopicPartition& which, const TopicId& topic) const {
  log::OpenHint hint;
  hint.clean_shutdown = was_clean_;
  hint.same_boot = same_boot_;
  hint.recovery_point = noted(recovery_points_, which);
  hint.log_start = noted(log_starts_, which);
  hint.high_watermark = noted(high_watermarks_, which);
  hint.is_vouched_for = is_vouched_for(which, topic);
  return hint;
}

void Folder::note(const log::TopicPartition& which, const TopicId& topic, const Offsets& offsets) {
  recovery_points_[which] = offsets.recovery_point;
  high_watermarks_[which] = offsets.high_watermark;
  if (offsets.log_start.value > 0) log_starts_[which] = offsets.log_start;
  else log_starts_.erase(which);
  topic_ids_[which.topic] = topic;
}

void Folder::note_young(const log::TopicPartition& which, const TopicId& topic, Offset end, Offset start) {
  const YoungLogs::Told told{topic, end, start};
  young_.note(which, told);
  if (start > Offset(0)) take_over_young(which, told);  // checkpoints that are written for others' sake tell of it, too
}

void Folder::forget(const log::TopicPartition& which) {
  young_.forget(which);
  for (log::Checkpoint* offsets : {&recovery_points_, &log_starts_, &high_watermarks_}) offsets->erase(which);
}

std::function<Status()> Folder::checkpoint_work() {
  young_.begin_anew();
  auto has_one_of = [](const log::Checkpoint& offsets, const std::string& topic) {
    auto first = offsets.lower_bound({topic, PartitionId(0)});
    return first != offsets.end() && first->first.topic == topic;
  };
  std::erase_if(topic_ids_, [&](const auto& topic) {
    return !has_one_of(recovery_points_, topic.first) && !has_one_of(high_watermarks_, topic.first);
  });
  return [&storage = world_->storage, folder = path_, points = recovery_points_, marks = high_watermarks_,
          starts = log_starts_, topics = topic_ids_]() -> Status {
    BOBBIN_TRY(log::write_checkpoint(storage, folder + "/" + std::string(log::recovery_point_file), points));
    BOBBIN_TRY(log::write_checkpoint(storage, folder + "/" + std::string(log::high_watermark_file), marks));
    BOBBIN_TRY(log::write_checkpoint(storage, folder + "/" + std::string(log::log_start_file), starts));
    // Last: an id stands for offsets that are on the disk already, and not for those of the topic before.
    return os::write_whole_file(storage, folder + "/" + std::string(log::topic_ids_file),
                                log::encode_topic_ids(topics));
  };
}

// --- marks

void Folder::note_boot() {
  if (boot_.empty() || boot_is_noted_ || !offline_.empty()) return;
  auto write = [&]() -> Status {
    BOBBIN_TRY_ASSIGN(file, world_->storage.open(path_of(log::boot_id_file), os::Open::create));
    BOBBIN_TRY(file->truncate(0));
    return file->write(boot_, 0);
  };
  boot_is_noted_ = write().ok();
}

Status Folder::mark_clean(BrokerEpoch epoch) {
  (void)world_->storage.unlink(path_of(young_logs_file));
  return os::write_whole_file(world_->storage, path_of(log::clean_shutdown_file), log::encode_clean_shutdown(epoch));
}

void Folder::take_offline(const std::string& why) {
  if (!offline_.empty()) return;
  offline_ = why;
  // What the kernel could not write it may forget, in this very boot.
  (void)world_->storage.unlink(path_of(log::boot_id_file));
  say_("the data folder " + path_ + " is OFFLINE: " + why +
       "; nothing is written here until the broker is started again");
}

}  // namespace bobbin::cluster
