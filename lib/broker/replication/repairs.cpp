#include "broker/replication/repairs.h"

#include <algorithm>

#include "base/ids.h"
#include "metadata/in_sync_changes.h"
#include "metadata/partition_change.h"

namespace bobbin::broker {

namespace {

constexpr int64_t retry_ms = 5000;

}  // namespace

const metadata::Partition* Repairs::find(const cluster::TopicPartition& id) const {
  return metadata::find_partition(transactions_.image(), id.topic, id.partition);
}

bool Repairs::note(const cluster::TopicPartition& id, Fault fault) {
  Case& one = cases_.try_emplace(id, Case{fault, registration_.epoch()}).first->second;
  if (fault == Fault::in_files) one.fault = fault;
  const metadata::Partition* p = find(id);
  const auto is_alive = metadata::alive_in(transactions_.image());
  return p && std::any_of(p->isr.begin(), p->isr.end(), [&](BrokerId who) { return who != self_ && is_alive(who); });
}

Repairs::Place Repairs::place_of(const cluster::TopicPartition& id) const {
  const metadata::Partition* p = find(id);
  if (!p || p->replicas.size() < 2 || !holds(p->replicas, self_)) return Place::nothing_to_do;
  return metadata::may_lead(*p, self_) || p->leader == broker_none ? Place::this_counts : Place::others_count;
}

void Repairs::run() {
  if (replicas_.folder().is_offline()) return renounce_all();
  for (auto it = cases_.begin(); it != cases_.end();) it = is_done(it->first, it->second) ? cases_.erase(it) : ++it;
}

// If not, it is gone on with.
bool Repairs::is_done(const cluster::TopicPartition& id, Case& one) {
  if (one.is_given_up) return is_made_anew(id, one);
  if (one.is_asked || world_.clock.mono_ms() < one.next_ms) return false;
  const Place place = place_of(id);
  if (place == Place::nothing_to_do || (place == Place::others_count && one.fault == Fault::of_disk)) return true;
  renounce(id, one);
  return false;
}

// In the round in which the next life begins: the copy asks for nothing between.
bool Repairs::is_made_anew(const cluster::TopicPartition& id, Case& one) {
  if (registration_.epoch() == one.life) return false;
  one.is_given_up = place_of(id) == Place::others_count;
  return one.is_given_up && replicas_.begin_anew(id);
}

void Repairs::renounce(const cluster::TopicPartition& id, Case& one) {
  one.is_asked = true;
  one.life = registration_.epoch();
  transactions_.submit(
      [this, id, fault = one.fault, life = one.life](const metadata::Image& image) {
        const metadata::CopyOf copy{id.topic, id.partition};
        return fault == Fault::in_files ? metadata::give_up_copy(image, self_, life, copy)
                                        : metadata::renounce_copies(image, self_, life, {copy});
      },
      [this, id](Result<Offset> done) {
        auto it = cases_.find(id);
        if (it == cases_.end()) return;
        const bool is_changed = done && *done != offset_none;
        it->second.is_asked = false;
        it->second.is_given_up = is_changed && it->second.fault == Fault::in_files;
        it->second.next_ms = world_.clock.mono_ms() + (is_changed ? 0 : retry_ms);
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
    if (!one.is_asked && !one.is_given_up) next = std::min(next.value_or(one.next_ms), one.next_ms);
  return next;
}

}  // namespace bobbin::broker
