#include "broker/replication/succession.h"

#include <algorithm>

#include "broker/replication/older_metadata.h"

namespace bobbin::broker {

namespace {

constexpr int64_t soon_ms = 10, retry_ms = 100, patience_ms = 1000;

std::string name_of(const cluster::Following& heir) { return log::dir_name(heir.copy().name()); }

}  // namespace

void Succession::run() {
  const int64_t now = world_.clock.mono_ms();
  const auto& succeeding = replicas_.opened().succeeding();
  std::erase_if(heirs_, [&](const auto& each) { return !each.second.is_looking && !succeeding.contains(each.first); });
  for (const cluster::TopicPartition& id : succeeding) {
    Heir& heir = heirs_[id];
    if (!heir.is_looking && now >= heir.next_ms) look(id, heir);
  }
}

void Succession::look(const cluster::TopicPartition& id, Heir& heir) {
  const cluster::Following& to = *replicas_.opened().find_succeeding(id);
  if (is_older_metadata(to)) {
    heir.next_ms = world_.clock.mono_ms() + retry_ms;
    return ask_for_reign_above(transactions_, to, say_);
  }
  std::vector<cluster::SalvageWork::Other> others;
  for (BrokerId other : to.replicas())
    if (other != self_) others.push_back({other, dir_.broker_dir(other) + "/" + name_of(to)});
  heir.is_looking = true;
  under_way_++;
  auto work = std::make_shared<cluster::SalvageWork>(replicas_.files(), to, std::move(others));
  world_.jobs.submit([work] { work->run(); }, [this, id, work] { looked(id, *work); });
}

void Succession::looked(const cluster::TopicPartition& id, const cluster::SalvageWork& work) {
  under_way_--;
  Heir& heir = heirs_[id];
  heir.is_looking = false;
  cluster::Following* to = replicas_.opened().find_succeeding(id);
  if (!to || to->epoch() != work.epoch()) return;  // it is asked for in another reign
  const auto taken = follow(*to, work);
  if (taken && *taken) {
    heir.in_trouble_since.reset();
    return;
  }
  const int64_t now = world_.clock.mono_ms();
  if (!taken) {
    const int64_t since = heir.in_trouble_since.value_or(now);
    heir.in_trouble_since = since;
    heir.next_ms = now + retry_ms;
    if (now - since < patience_ms) return;
    say_(name_of(*to) + ": what another copy may have beyond offset " + to_string(to->copy().log_end()) +
         " is not taken: " + taken.error().message);
  }
  replicas_.succeed(id);
}

Result<bool> Succession::follow(cluster::Following& heir, const cluster::SalvageWork& work) {
  if (heir.copy().failed()) return false;
  if (work.parts_at()) {
    BOBBIN_TRY_ASSIGN(at, heir.cut_for(*work.parts_at()));
    if (at >= heir.copy().log_end()) return false;
    const cluster::TopicPartition id = heir.id();
    if (durability_.is_at_rest(id)) {
      replicas_.cut(id, at);
    } else {
      durability_.flush(id);
      heirs_[id].next_ms = world_.clock.mono_ms() + soon_ms;
    }
    return true;
  }
  if (!work.batches().empty()) {
    const Offset from = heir.copy().log_end();
    BOBBIN_TRY(heir.take(work.batches()));
    durability_.followed(heir, work.batches().size());
    say_(name_of(heir) + ": offsets " + to_string(from) + " to " + to_string(heir.copy().log_end() - 1) +
         " are taken from the files of broker " + to_string(work.best()));
    return true;
  }
  if (work.trouble()) return *work.trouble();
  return false;
}

std::optional<int64_t> Succession::next_deadline_ms() const {
  std::optional<int64_t> next;
  for (const auto& [id, heir] : heirs_)
    if (!heir.is_looking) next = std::min(next.value_or(heir.next_ms), heir.next_ms);
  return next;
}

}  // namespace bobbin::broker
