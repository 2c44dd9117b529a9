#include "metadata/partition_change.h"

#include <algorithm>

#include "base/ids.h"
#include "base/mutants.h"
#include "base/number.h"

namespace bobbin::metadata {
namespace {

std::vector<int32_t> numbers(const std::vector<BrokerId>& ids) {
  std::vector<int32_t> out;
  for (BrokerId id : ids) out.push_back(id.value);
  return out;
}

}  // namespace

bool may_lead(const Partition& partition, BrokerId id) {
  return holds(partition.isr, id) || holds(partition.eligible_leaders, id);
}

IsAlive alive_in(const Image& image) {
  return [&image](BrokerId id) {
    const Broker* broker = image.broker(id);
    return broker && !broker->fenced;
  };
}

int32_t min_isr_of(const Image& image, const Topic& topic, const Partition& partition) {
  // As the whole cluster sees it: the files of single brokers do not count.
  config::ConfigLayers layers;
  layers.topic = &image.configs(config::ConfigScope::topic, topic.name);
  layers.dynamic_default = &image.configs(config::ConfigScope::broker, "");
  return min_isr_under(layers, partition);
}

int32_t min_isr_under(const config::ConfigLayers& layers, const Partition& partition) {
  const auto most = static_cast<int32_t>(partition.replicas.size() - partition.adding_replicas.size());
  if (most <= 1) return most;  // whatever is set: at least 1
  static const config::ConfigKey& key = *config::find_config(config::ConfigScope::topic, "min.insync.replicas");
  return std::min(number_in<int32_t>(config::effective(key, layers).value).value_or(1), most);
}

Uuid directory_of(const Image& image, BrokerId id) {
  const Broker* broker = image.broker(id);
  return broker && !broker->log_dirs.empty() ? broker->log_dirs.front() : Uuid();
}

PartitionChange::PartitionChange(const Topic& topic, PartitionId number, int32_t min_isr)
    : topic_(topic), number_(number), now_(topic.partitions[static_cast<size_t>(number.value)]),
      min_isr_(static_cast<size_t>(min_isr)), copies_{now_.replicas, now_.adding_replicas, now_.removing_replicas},
      isr_(now_.isr), directories_(now_.directories) {}

bool PartitionChange::is_in_sync(BrokerId who) const { return holds(isr_, who); }

void PartitionChange::leave(BrokerId who) {
  if (planted(Mutant::keep_last_in_sync) && isr_.size() == 1) return;
  std::erase(isr_, who);
}

void PartitionChange::lose(BrokerId who) {
  if (planted(Mutant::trust_lost_folder)) return;
  leave(who);
  lossy_.insert(who);
}

void PartitionChange::join(BrokerId who) {
  if (is_in_sync(who) || !holds(copies_.replicas, who)) return;
  isr_.push_back(who);
}

void PartitionChange::move_to(BrokerId who, const Uuid& directory) {
  if (directories_.size() != copies_.replicas.size()) return;
  for (size_t i = 0; i < directories_.size(); i++)
    if (copies_.replicas[i] == who) directories_[i] = directory;
}

void PartitionChange::place(const Image& image, Copies copies) {
  std::vector<Uuid> directories;
  for (BrokerId id : copies.replicas) {
    const auto at =
        static_cast<size_t>(std::find(copies_.replicas.begin(), copies_.replicas.end(), id) - copies_.replicas.begin());
    directories.push_back(at < directories_.size() ? directories_[at] : directory_of(image, id));
  }
  directories_ = std::move(directories);
  copies_ = std::move(copies);
  std::erase_if(isr_, [this](BrokerId id) { return !holds(copies_.replicas, id); });
}

// R11.
std::vector<BrokerId> PartitionChange::eligible() const {
  std::vector<BrokerId> out;
  if (planted(Mutant::forget_eligible)) return out;
  if (isr_.size() >= min_isr_ && !planted(Mutant::keep_eligible)) return out;
  for (BrokerId id : copies_.replicas) {
    if (may_lead(now_, id) && !is_in_sync(id) && !lossy_.contains(id)) out.push_back(id);
  }
  return out;
}

std::optional<BrokerId> PartitionChange::candidate(const IsAlive& is_alive) {
  for (BrokerId id : copies_.replicas)
    if (is_in_sync(id) && is_alive(id)) return id;
  for (BrokerId id : eligible()) {
    if (!is_alive(id)) continue;
    isr_ = {id};
    return id;
  }
  return std::nullopt;
}

bool PartitionChange::leader_stays(const IsAlive& is_alive) const {
  return now_.leader != broker_none && is_in_sync(now_.leader) && is_alive(now_.leader);
}

void PartitionChange::elect(const IsAlive& is_alive) {
  if (leader_stays(is_alive)) return;
  BrokerId chosen = candidate(is_alive).value_or(broker_none);
  if (chosen != now_.leader) leader_ = chosen;
}

void PartitionChange::begin_reign(const IsAlive& is_alive) {
  if (planted(Mutant::same_reign) && leader_stays(is_alive)) return;
  leader_ = leader_stays(is_alive) ? now_.leader : candidate(is_alive).value_or(broker_none);
}

void PartitionChange::make_leader_uncleanly(BrokerId who) {
  leader_ = who;
  isr_ = {who};
  lossy_.insert(now_.replicas.begin(), now_.replicas.end());
  is_unclean_ = true;
}

std::optional<PartitionChangeRecord> PartitionChange::record() const {
  PartitionChangeRecord r;
  r.partition_id = number_.value;
  r.topic_id = topic_.id;
  const bool somebody_goes = std::any_of(now_.replicas.begin(), now_.replicas.end(),
                                         [this](BrokerId id) { return !holds(copies_.replicas, id); });
  if (leader_) r.leader = leader_->value;
  else if (somebody_goes && !planted(Mutant::move_in_same_reign)) r.leader = now_.leader.value;
  if (copies_.replicas != now_.replicas) r.replicas = numbers(copies_.replicas);
  if (copies_.adding != now_.adding_replicas) r.adding_replicas = numbers(copies_.adding);
  if (copies_.removing != now_.removing_replicas) r.removing_replicas = numbers(copies_.removing);
  if (isr_ != now_.isr) r.isr = numbers(isr_);
  if (auto elr = eligible(); elr != now_.eligible_leaders) r.eligible_leader_replicas = numbers(elr);
  if (directories_ != now_.directories) r.directories = directories_;
  const bool recovering = is_unclean_ || (now_.recovering && isr_.size() < now_.replicas.size());
  if (recovering != now_.recovering) r.leader_recovery_state = recovering ? 1 : 0;
  PartitionChangeRecord nothing;
  nothing.partition_id = r.partition_id;
  nothing.topic_id = r.topic_id;
  if (r == nothing) return std::nullopt;
  return r;
}

}  // namespace bobbin::metadata
