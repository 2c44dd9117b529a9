#include "broker/checkpointer.h"

namespace bobbin::broker {

void Checkpointer::run(cluster::Replicas& replicas, bool ends) {
  if (replicas.is_cutting()) return;  // which writes them, too
  if (!young_.empty() && !young_runs_) write_young(replicas);
  if (ends || all_runs_) return;
  if (all_waits_) {
    if (flusher_.is_idle() && !young_runs_) write_all(replicas);
    return;
  }
  if (!due_.is_due(world_.clock.mono_ms())) return;
  due_.begun();
  all_waits_ = true;
  replicas.opened().for_each_copy([this](const cluster::Copy& copy) { flusher_.want(copy.id(), Beside::checkpoint); });
  flusher_.start(replicas);
}

// Whatever is being flushed: nothing moves but what is told of these.
void Checkpointer::write_young(cluster::Replicas& replicas) {
  std::vector<cluster::TopicPartition> ids(young_.begin(), young_.end());
  young_.clear();
  auto work = cluster::young_work(replicas.opened(), replicas.folder(), ids);
  submit(std::move(work), young_runs_, replicas, ids);
}

void Checkpointer::write_all(cluster::Replicas& replicas) {
  all_waits_ = false;
  std::vector<cluster::TopicPartition> ids;
  replicas.opened().for_each_copy([&](const cluster::Copy& copy) {
    const bool is_young = !copy.is_checkpointed() && copy.durable_end() > Offset(0);
    if (is_young || !is_start_kept(copy)) ids.push_back(copy.id());
  });
  std::vector<cluster::TopicPartition> departing = replicas.departures.waiting();
  std::function<Status()> work = cluster::checkpoint_work(replicas.opened(), replicas.folder());
  if (departing.empty()) return submit(std::move(work), all_runs_, replicas, ids);
  // Nor may the file of young logs tell of those.
  young_runs_ = true;
  submit(
      [work = std::move(work), young = replicas.folder().young_work()]() -> Status {
        BOBBIN_TRY(work());
        return young();
      },
      all_runs_, replicas, ids, std::move(departing));
}

void Checkpointer::submit(std::function<Status()> work, bool& runs, cluster::Replicas& replicas,
                          const std::vector<cluster::TopicPartition>& ids,
                          std::vector<cluster::TopicPartition> departing) {
  runs = true;
  struct Told {
    cluster::TopicPartition id;
    std::weak_ptr<const void> life;
    Offset start;
  };
  std::vector<Told> told;
  for (const cluster::TopicPartition& id : ids)
    if (const cluster::Copy* copy = replicas.opened().find_copy(id))
      told.push_back({id, copy->life, durable_start(*copy)});
  auto status = std::make_shared<Status>();
  world_.jobs.submit([work = std::move(work), status] { *status = work(); },
                     [this, &runs, &replicas, told = std::move(told), departing = std::move(departing), status] {
                       runs = false;
                       if (!departing.empty()) young_runs_ = false;
                       // Who appended has to be answered all the same: the records are on the disk.
                       if (!*status) say_("checkpoints are not written: " + status->error().message);
                       else replicas.departures.written(departing);
                       for (const auto& [id, life, start] : told) {
                         cluster::Copy* copy = life.expired() ? nullptr : replicas.opened().find_copy(id);
                         if (!copy) continue;
                         copy->note_checkpoint();
                         if (*status) copy->kept_start.note(start);
                         counts_(id);
                       }
                     });
}

std::optional<int64_t> Checkpointer::deadline_ms() const {
  if (!young_.empty() && !young_runs_) return 0;
  if (all_runs_) return std::nullopt;  // its end makes a round
  if (all_waits_) return flusher_.is_idle() && !young_runs_ ? std::optional<int64_t>(0) : std::nullopt;
  return due_.deadline_ms();
}

}  // namespace bobbin::broker
