#include "broker/replication/repairs.h"

#include <algorithm>

#include "metadata/in_sync_changes.h"
#include "metadata/partition_change.h"

namespace bobbin::broker {

namespace {

constexpr int64_t soon_ms = 100, retry_ms = 5000;

bool holds(const std::vector<BrokerId>& ids, BrokerId id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

}  // namespace

const metadata::Partition* Repairs::find(const cluster::TopicPartition& id) const {
  const metadata::Topic* topic = transactions_.image().topic(id.topic);
  const auto number = static_cast<size_t>(id.partition.value);
  return topic && number < topic->partitions.size() ? &topic->partitions[number] : nullptr;
}

bool Repairs::note(const cluster::TopicPartition& id) {
  cases_.try_emplace(id);
  const metadata::Partition* p = find(id);
  const auto is_alive = metadata::alive_in(transactions_.image());
  return p && std::any_of(p->isr.begin(), p->isr.end(), [&](BrokerId who) { return who != self_ && is_alive(who); });
}

Repairs::Place Repairs::place_of(const cluster::TopicPartition& id) const {
  const metadata::Partition* p = find(id);
  if (!p || p->replicas.size() < 2 || !holds(p->replicas, self_)) return Place::nothing_to_do;
  const bool counts = holds(p->isr, self_) || holds(p->eligible_leaders, self_);
  return counts || p->leader == broker_none ? Place::this_counts : Place::others_count;
}

void Repairs::run() {
  if (replicas_.folder().is_offline()) return renounce_all();
  for (auto it = cases_.begin(); it != cases_.end();) it = is_done(it->first, it->second) ? cases_.erase(it) : ++it;
}

// If not, it is gone on with.
bool Repairs::is_done(const cluster::TopicPartition& id, Case& one) {
  const int64_t now = world_.clock.mono_ms();
  if (one.is_asked || now < one.next_ms) return false;
  const Place place = place_of(id);
  if (place == Place::nothing_to_do) return true;
  if (place == Place::others_count) {
    one.next_ms = now + soon_ms;
    return replicas_.begin_anew(id);
  }
  one.is_asked = true;
  renounce(id);
  return false;
}

void Repairs::renounce(const cluster::TopicPartition& id) {
  transactions_.submit(
      [this, id, life = registration_.epoch()](const metadata::Image& image) {
        return metadata::renounce_copies(image, self_, life, {{id.topic, id.partition}});
      },
      [this, id](Result<Offset> done) {
        auto it = cases_.find(id);
        if (it == cases_.end()) return;
        const bool is_changed = done && *done != offset_none;
        it->second = {false, world_.clock.mono_ms() + (is_changed ? 0 : retry_ms)};
      });
}

// Nothing of this broker's is trusted, until it is started anew.
void Repairs::renounce_all() {
  if (std::exchange(has_renounced_all_, true)) return;
  transactions_.submit([this, life = registration_.epoch()](
                           const metadata::Image& image) { return metadata::renounce_copies(image, self_, life, {}); },
                       [this](Result<Offset> done) {
                         if (!done)
                           say_("others are not told that this broker's folder is offline: " + done.error().message);
                       });
}

std::optional<int64_t> Repairs::next_deadline_ms() const {
  std::optional<int64_t> next;
  for (const auto& [id, one] : cases_)
    if (!one.is_asked) next = std::min(next.value_or(one.next_ms), one.next_ms);
  return next;
}

}  // namespace bobbin::broker
