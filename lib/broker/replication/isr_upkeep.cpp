#include "broker/replication/isr_upkeep.h"

#include <algorithm>

#include "base/mutants.h"
#include "metadata/partition_change.h"

namespace bobbin::broker {

metadata::Reign IsrUpkeep::reign_of(const cluster::Leading& leading) const {
  return {leading.id().topic, leading.id().partition, self_, leading.epoch()};
}

void IsrUpkeep::fetched(cluster::Leading& leading, BrokerId who, BrokerEpoch life, Offset from) {
  const int64_t now = world_.clock.mono_ms();
  leading.in_sync().fetched(who, life, from, leading.copy().log_end(), now);
  if (!next_look_ms_) next_look_ms_ = now + look_every_ms();
  if (leading.advance()) purgatory_.moved(leading.id());
  for (const auto& candidate : leading.in_sync().take_candidates(leading.high_watermark())) let_in(leading, candidate);
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
      });
}

// False: the reign is over, and what it promised stays as wide as it was.
bool IsrUpkeep::take_from_metadata(cluster::Leading& leading) const {
  const metadata::Image& image = transactions_.image();
  const cluster::TopicPartition& id = leading.id();
  const metadata::Topic* topic = image.topic(id.topic);
  if (!topic) return false;
  const metadata::Partition& p = topic->partitions[static_cast<size_t>(id.partition.value)];
  if (p.leader != self_ || p.leader_epoch != leading.epoch()) return false;
  leading.in_sync().take({p.replicas, p.isr, metadata::min_isr_of(image, *topic, p)}, world_.clock.mono_ms());
  return true;
}

void IsrUpkeep::run() {
  const int64_t now = world_.clock.mono_ms();
  if (!next_look_ms_ || now < *next_look_ms_) return;
  bool any = false;
  replicas_.opened().for_each_leading([&](cluster::Leading& leading) {
    if (leading.in_sync().is_alone()) return;
    any = true;
    for (BrokerId who : leading.in_sync().lagging(now, lag_ms_max_, silence_ms_max_)) put_out(leading, who);
  });
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

}  // namespace bobbin::broker
