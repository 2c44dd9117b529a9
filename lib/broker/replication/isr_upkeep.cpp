#include "broker/replication/isr_upkeep.h"

#include <algorithm>

#include "base/mutants.h"
#include "metadata/partition_change.h"
#include "metadata/reassignments.h"

namespace bobbin::broker {

metadata::Reign IsrUpkeep::reign_of(const cluster::Leading& leading) const {
  return {leading.id().topic, leading.id().partition, self_, leading.epoch()};
}

void IsrUpkeep::fetched(cluster::Leading& leading, BrokerId who, BrokerEpoch life, Offset from,
                        const cluster::LogStart& start) {
  const int64_t now = world_.clock.mono_ms();
  const cluster::Copy& own = leading.copy();
  const bool start_moved = leading.in_sync().fetched(who, life, from, own.log_end(), now, start);
  if (!next_look_ms_) next_look_ms_ = now + look_every_ms();
  if (leading.advance() || start_moved) purgatory_.moved(leading.id());
  if (auto candidate = leading.in_sync().take_candidate(who, leading.high_watermark(), own.log_start()))
    let_in(leading, *candidate);
  if (leading.in_sync().is_moving()) go_on_move(leading.id());
}

void IsrUpkeep::let_in(cluster::Leading& leading, const cluster::InSync::Candidate& candidate) {
  transactions_.submit(
      [reign = reign_of(leading), candidate](const metadata::Image& image) {
        return metadata::join_in_sync(image, reign, candidate.who, candidate.life);
      },
      [this, id = leading.id(), who = candidate.who](Result<Offset>) {
        cluster::Leading* now = replicas_.opened().find_leading(id);
        if (!now) return;
        // R8: also where this broker ends, and follows the metadata no more.
        if (!planted(Mutant::roll_back) && !take_from_metadata(*now)) return;
        now->in_sync().answered(who);
        if (now->advance()) purgatory_.moved(id);
        go_on_move(id);
      });
}

// False: the reign is over, and what it promised stays as wide as it was.
bool IsrUpkeep::take_from_metadata(cluster::Leading& leading) const {
  const metadata::Image& image = transactions_.image();
  const cluster::TopicPartition& id = leading.id();
  const metadata::Topic* topic = image.topic(id.topic);
  if (!topic || !topic->partition(id.partition)) return false;
  const metadata::Partition& p = *topic->partition(id.partition);
  if (p.leader != self_ || p.leader_epoch != leading.epoch()) return false;
  leading.in_sync().take({p.replicas, p.isr, metadata::min_isr_of(image, *topic, p), metadata::is_moving(p)},
                         world_.clock.mono_ms());
  return true;
}

void IsrUpkeep::run() {
  look_at_moves();
  const int64_t now = world_.clock.mono_ms();
  if (!next_look_ms_ || now < *next_look_ms_) return;
  bool any = false;
  std::set<BrokerId> suspected;
  replicas_.opened().for_each_leading([&](cluster::Leading& leading) {
    if (leading.in_sync().is_alone()) return;
    any = true;
    for (BrokerId who : leading.in_sync().lagging(now, lag_ms_max_, silence_ms_max_)) put_out(leading, who);
    for (BrokerId who : leading.in_sync().lagging(now, INT64_MAX, look_every_ms() - 1)) suspected.insert(who);
    if (leading.in_sync().is_moving()) go_on_move(leading.id());
  });
  for (BrokerId who : suspected) suspect_(who);
  next_look_ms_.reset();
  if (any) next_look_ms_ = now + look_every_ms();
}

void IsrUpkeep::put_out(const cluster::Leading& leading, BrokerId who) {
  if (!leaving_.emplace(leading.id(), who).second) return;
  if (planted(Mutant::narrow_early)) replicas_.opened().find_leading(leading.id())->in_sync().narrow(who);
  say_(log::dir_name(leading.copy().name()) + ": broker " + to_string(who) +
       " does not keep up, and is not in sync any more");
  transactions_.submit([reign = reign_of(leading),
                        who](const metadata::Image& image) { return metadata::leave_in_sync(image, reign, who); },
                       [this, id = leading.id(), who](Result<Offset>) {
                         leaving_.erase({id, who});
                       });
}

// --- moves

void IsrUpkeep::follow(const metadata::Delta& delta) {
  const metadata::Image& image = transactions_.image();
  auto look_at = [&](const metadata::Topic& topic) {
    for (size_t i = 0; i < topic.partitions.size(); i++) {
      const metadata::Partition& p = topic.partitions[i];
      if (p.leader != self_ || !metadata::can_go_on(p)) continue;
      const cluster::TopicPartition id{topic.id, PartitionId(static_cast<int32_t>(i))};
      may_go_on_.insert(id);
    }
  };
  if (delta.anew)
    for (const auto& [name, topic] : image.topics()) look_at(topic);
  else
    for (const TopicId& id : delta.topics)
      if (const metadata::Topic* topic = image.topic(id)) look_at(*topic);
}

void IsrUpkeep::look_at_moves() {
  for (const cluster::TopicPartition& id : std::exchange(may_go_on_, {})) {
    // If it does not lead yet: a later look, or a question of a follower, tells.
    if (!next_look_ms_) next_look_ms_ = world_.clock.mono_ms() + look_every_ms();
    replicas_.open({id}, [this, id] { go_on_move(id); });
  }
}

// Only who leads says so (R1): not while it looks through what others have (R17).
void IsrUpkeep::go_on_move(const cluster::TopicPartition& id) {
  const cluster::Leading* leading = replicas_.opened().find_leading(id);
  const metadata::Topic* topic = transactions_.image().topic(id.topic);
  const metadata::Partition* p = topic ? topic->partition(id.partition) : nullptr;
  if (!leading || !p || !metadata::can_go_on(*p) || !moving_.insert(id).second) return;
  transactions_.submit(
      [reign = reign_of(*leading)](const metadata::Image& image) { return metadata::go_on_move(image, reign); },
      [this, id](Result<Offset>) { moving_.erase(id); });
}

}  // namespace bobbin::broker
