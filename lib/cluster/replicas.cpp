#include "cluster/replicas.h"

#include <algorithm>

#include "base/ids.h"
#include "metadata/config_layers.h"
#include "metadata/partition_change.h"
#include "metadata/reassignments.h"

namespace bobbin::cluster {

namespace {

void report(const Say& say, const Replica& replica, const log::RecoveryReport& r) {
  const std::string begin = replica.dir_name() + ": ";
  for (const auto& cut : r.cuts)
    say(begin + "cut " + std::to_string(cut.bytes) + " bytes at " + std::to_string(cut.position) + " of " + cut.file +
        " (" + cut.what + "); the log goes on at offset " + to_string(cut.at) +
        (cut.kept_in.empty() ? std::string() : "; kept in " + cut.kept_in));
  for (const auto& d : r.damage) say(begin + "DAMAGED: " + log::text(d));
  for (const auto& note : r.notes) say(begin + note);
}

// Clients ask again and again; their broker's log tells once.
void go_offline(const Say& say, Replica& replica, Error why, const log::RecoveryReport& found) {
  const bool is_damaged = why.code == Errc::damaged;
  Error told{is_damaged ? Errc::damaged : Errc::kafka_storage_error, why.message};
  if (!replica.offline() || replica.offline()->why.message != told.message) {
    report(say, replica, found);
    say(replica.dir_name() + (is_damaged ? ": DAMAGED: " : ": cannot be opened: ") + why.message);
  }
  replica.go_offline(std::move(told));
}

log::ToOpen to_open(const Replica& replica, const Folder& folder, const TopicConfigs& configs) {
  const TopicId& topic = replica.id().topic;
  return {folder.path_of(replica.dir_name()), topic, configs.log_config_of(topic),
          folder.hint_for(replica.name(), topic)};
}

}  // namespace

Replicas::Replicas(os::World& world, Folder folder, BrokerId self, Say say, const FilesMax& files)
    : world_(world), files_(world.storage, files.kept, files.alive), folder_(std::move(folder)), self_(self),
      say_(std::move(say)),
      openings_(world, files_, [this](const TopicPartition& id, log::OpenWork& work) { open_ended(id, work); }) {}

Result<std::unique_ptr<Replicas>> Replicas::open(os::World& world, std::string path, BrokerId self,
                                                 const std::string& cluster_id, Say say, const FilesMax& files,
                                                 const std::string& boot) {
  BOBBIN_TRY_ASSIGN(folder, Folder::open(world, std::move(path), self, cluster_id, say, boot));
  return std::unique_ptr<Replicas>(new Replicas(world, std::move(folder), self, std::move(say), files));
}

// --- following the metadata

void Replicas::reconcile(const metadata::Image& image, const metadata::Delta& delta, const Self& self) {
  is_known_ = self.is_known;
  const config::ConfigLayers layers = metadata::broker_layers(image, self_, self.static_file);
  configs_.update(layers, self.producer_id_expiration_ms);
  std::set<TopicId> touched = delta.topics;
  if (delta.anew) {
    for (const auto& [id, known] : topics_) touched.insert(id);
    for (const auto& [name, topic] : image.topics()) touched.insert(topic.id);
  } else if (delta.broker_configs) {
    touched.merge(configs_.with_own());
  }
  for (const TopicId& id : touched) follow_topic(image, id, layers);
  if (!delta.anew && !delta.broker_configs) return;
  opened_.for_each([this](Replica& replica) { replica.update(configs_); });
}

void Replicas::follow_topic(const metadata::Image& image, const TopicId& id, const config::ConfigLayers& layers) {
  const metadata::Topic* topic = image.topic(id);
  if (!topic) {
    auto known = topics_.extract(id);
    if (!known) return;
    configs_.forget(id);
    for (size_t i = 0; i < known.mapped().partitions; i++)
      let_go({id, PartitionId(static_cast<int32_t>(i))},
             image.removed().topics.contains(id) ? Fate::deleted : Fate::stray);
    return;
  }
  topics_[id] = {topic->name, topic->partitions.size()};
  configs_.take(id, layers, image.configs(config::ConfigScope::topic, topic->name));
  for (size_t i = 0; i < topic->partitions.size(); i++)
    follow_partition(image, *topic, {id, PartitionId(static_cast<int32_t>(i))});
}

void Replicas::follow_partition(const metadata::Image& image, const metadata::Topic& topic,
                                const TopicPartition& which) {
  const metadata::Partition& p = *topic.partition(which.partition);
  if (!holds(p.replicas, self_)) {
    const bool is_moved = image.removed().copies.contains({which.topic, which.partition, self_});
    return let_go(which, is_moved ? Fate::deleted : Fate::stray, true);
  }
  Replica& replica = table_.try_emplace(which, which, topic.name, self_).first->second;
  const Reign before = replica.reign();
  const InSyncSet in_sync{p.replicas, p.isr, metadata::min_isr_of(image, topic, p), metadata::is_moving(p)};
  const bool is_of_last_life = p.leader == self_ && !is_known_ && p.replicas.size() > 1;
  const BrokerId leader = is_of_last_life ? broker_none : p.leader;
  followed_.move(which, before.leader, leader == self_ ? broker_none : leader);
  const bool was_away = replica.is_away();
  replica.follow({leader, p.leader_epoch, in_sync}, world_.clock.mono_ms());
  if (replica.copy()) opened_.add(replica);
  replica.update(configs_);
  if (before.leader != leader || before.epoch != p.leader_epoch) changed_.push_back(which);
  // Who was to lead, and is not any more before it did.
  if (was_away && !replica.is_away()) waiters_.tell(which);
}

// Whatever role it had has ended, and its files are closed. What it is called; nothing: there was none.
std::optional<log::TopicPartition> Replicas::give_up(const TopicPartition& id) {
  auto it = table_.find(id);
  if (it == table_.end()) return std::nullopt;
  followed_.move(id, it->second.reign().leader, broker_none);
  opened_.remove(id);
  auto gone = table_.extract(it);
  return gone.mapped().name();
}

// Only what was deleted or moved is removed. What the metadata does not know any more for another reason may be missed yet.
void Replicas::let_go(const TopicPartition& id, Fate fate, bool is_moved) {
  const auto which = give_up(id);
  if (!which) return;
  with_folder_.erase(id);
  folder_.forget(*which);
  auto put_aside = [this, id, which = *which, fate] {
    files_.forget_below(folder_.path_of(log::dir_name(which)));
    folder_.put_aside(which, id.topic, fate);
    changed_.push_back(id);
    waiters_.tell(id);  // who waited for a new copy in this place: that can be opened now
  };
  std::function<void()> end = put_aside;
  if (is_moved) {
    departures.begin(id);
    end = [this, id, put_aside] { departures.free(id, put_aside); };
  }
  if (auto cutting = cutting_.find(id); cutting != cutting_.end()) cutting->second = std::move(end);
  else openings_.abandon(id, std::move(end));
  waiters_.tell(id);
}

Status Replicas::sort_out(const metadata::Image& image) {
  BOBBIN_TRY_ASSIGN(found, folder_.sort_out(image));
  with_folder_ = std::move(found);
  return {};
}

// --- roles

bool Replicas::is_closed(const TopicPartition& id) const {
  auto it = table_.find(id);
  return it != table_.end() && !it->second.is_open();
}

Result<Leading*> Replicas::leader(const TopicPartition& id) {
  if (Leading* leading = opened_.find_leading(id)) return leading;
  auto it = table_.find(id);
  if (it == table_.end()) {
    auto topic = topics_.find(id.topic);
    if (topic == topics_.end() || static_cast<size_t>(id.partition.value) >= topic->second.partitions)
      return error(Errc::unknown_topic_or_partition, "no such topic or partition");
    return error(Errc::not_leader_or_follower, "another broker leads this partition");
  }
  Replica& replica = it->second;
  if (!replica.leads()) return error(Errc::not_leader_or_follower, "another broker leads this partition");
  if (folder_.is_offline())
    return error(Errc::kafka_storage_error, "the data folder is offline: " + folder_.offline_reason());
  if (const Offline* offline = replica.offline(); offline && !openings_.is_wanted(id)) return offline->why;
  if (!begin_open(replica)) return error(Errc::busy, replica.dir_name() + ": " + std::string(log::no_room));
  return error(Errc::busy, replica.dir_name() + ": is being opened");
}

void Replicas::cut(const TopicPartition& id, Offset at) {
  Replica& replica = table_.at(id);
  const Copy& copy = *replica.copy();
  Following* role = replica.taking();
  const Offset shown = at == Offset(0) ? at : role->committed();
  // Where the cut ends is known when it is made: it takes whole batches. The next checkpoint tells again.
  folder_.forget(copy.name());
  auto lent = replica.lend(files_);
  opened_.remove(id);
  cutting_.emplace(id, nullptr);
  auto done = std::make_shared<Status>();
  world_.jobs.submit(
      [lent, at, shown, done, lower = folder_.checkpoint_work(), young = folder_.young_work()] {
        *done = lower();
        if (*done) *done = young();
        if (*done) *done = lent->log().truncate_to(at, shown);
      },
      [this, id, at, lent, done] {
        if (auto end = std::move(cutting_.extract(id).mapped())) {
          end();
          return waiters_.tell(id);
        }
        Replica& back = table_.at(id);
        say_(back.dir_name() + (*done ? ": cut at offset " + to_string(at) + ", where its leader's log parts"
                                      : ": not cut: " + done->error().message));
        // One that was cut half-way is opened anew, from what is on the disk.
        if (lent->log().failed()) back.go_offline(*lent->log().failed());
        else back.come_back(*lent, world_.clock.mono_ms());
        took_role(back);
      });
}

void Replicas::succeed(const TopicPartition& id) {
  Replica& replica = table_.at(id);
  replica.succeed(world_.clock.mono_ms());
  took_role(replica);
}

bool Replicas::begin_anew(const TopicPartition& id) {
  auto it = table_.find(id);
  if (it == table_.end() || it->second.leads()) return true;
  Replica& replica = it->second;
  if (replica.is_away() || openings_.is_wanted(id)) return false;
  const Reign reign = replica.reign();
  const std::string topic = replica.name().topic;
  let_go(id, Fate::damaged);
  table_.try_emplace(id, id, topic, self_).first->second.follow(reign, world_.clock.mono_ms());
  followed_.move(id, broker_none, reign.leader);
  changed_.push_back(id);
  return true;
}

// Whoever waited for one can be told, unless it is on its way to another.
void Replicas::took_role(Replica& replica) {
  const TopicPartition& id = replica.id();
  changed_.push_back(id);
  if (Copy* copy = replica.copy()) {
    opened_.add(replica);
    replica.update(configs_);
    if (copy->promised_end() < copy->log_end()) found_.unsettled.push_back(id);
  }
  if (!replica.is_away()) waiters_.tell(id);
}

// --- opening

void Replicas::open(const std::vector<TopicPartition>& ids, std::function<void()> then) {
  std::vector<TopicPartition> begun;
  for (const TopicPartition& id : ids)
    if (is_closed(id) && !folder_.is_offline() && begin_open(table_.at(id))) begun.push_back(id);
  waiters_.wait(begun, std::move(then));
}

void Replicas::open_now(const TopicPartition& id) {
  if (!is_closed(id) || table_.at(id).is_away() || openings_.is_wanted(id) || folder_.is_offline()) return;
  if (cutting_.contains(id) || departures.holds(id)) return;
  log::OpenWork work(world_, files_, to_open(table_.at(id), folder_, configs_));
  work.run();
  open_ended(id, work);
}

// False: there is no descriptor for it. What repairs a log waits for a sync.
bool Replicas::begin_open(Replica& replica) {
  const TopicPartition& id = replica.id();
  // A copy that was here before is put aside first.
  if (openings_.is_wanted(id) || replica.is_away() || cutting_.contains(id) || departures.holds(id)) return true;
  if (!folder_.was_clean() && !files_.has_room()) return false;
  openings_.want(id, replica.dir_name(), [this, id] { return to_open(table_.at(id), folder_, configs_); });
  return true;
}

void Replicas::open_ended(const TopicPartition& id, log::OpenWork& work) {
  auto log = work.take();
  auto it = table_.find(id);
  if (it == table_.end()) return waiters_.tell(id);
  Replica& replica = it->second;
  if (!log && log.error().code == Errc::busy) return waiters_.tell(id);  // no descriptor is left: that passes
  if (log) {
    take_log(replica, std::move(*log));
    report(say_, replica, work.report());
    if (!work.report().damage.empty()) found_.damaged.push_back(id);
  } else {
    go_offline(say_, replica, std::move(log).error(), work.report());
    (replica.offline()->why.code == Errc::damaged ? found_.damaged : found_.unread).push_back(id);
  }
  took_role(replica);
}

void Replicas::take_log(Replica& replica, std::unique_ptr<log::Log> log) {
  const TopicId& topic = replica.id().topic;
  log->update(configs_.log_config_of(topic));
  replica.take_log(std::move(log), configs_.of(topic), world_.clock.mono_ms());
  with_folder_.insert(replica.id());
  if (folder_.told_end(replica.name()) > Offset(0)) replica.copy()->note_checkpoint();
}

// --- the end

Status Replicas::close(BrokerEpoch epoch) {
  if (folder_.is_offline()) return error(Errc::kafka_storage_error, folder_.offline_reason());
  Status closed;
  opened_.for_each_copy([&closed](Copy& copy) {
    if (Status one = copy.close(); !one && closed) closed = std::move(one);
  });
  BOBBIN_TRY(checkpoint_work(opened_, folder_)());
  BOBBIN_TRY(closed);
  // Logs that were not opened in this life are as clean as they were before it.
  const bool all_open = std::none_of(with_folder_.begin(), with_folder_.end(),
                                     [&](const auto& id) { return is_closed(id) && !opened_.find_copy(id); });
  return folder_.was_clean() || all_open ? folder_.mark_clean(epoch) : Status();
}

}  // namespace bobbin::cluster
