#include "broker/checkpointer.h"

namespace bobbin::broker {

void Checkpointer::run(cluster::Replicas& replicas, bool ends) {
  if (replicas.is_cutting()) return;  // which writes them, too
  if (!young_.empty() && !young_runs_) write_young(replicas);
  if (ends || all_runs_) return;
  if (all_waits_) {
    if (flusher_.is_idle()) write_all(replicas);
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
  submit(std::move(work), young_runs_, replicas, std::move(ids));
}

void Checkpointer::write_all(cluster::Replicas& replicas) {
  all_waits_ = false;
  std::vector<cluster::TopicPartition> ids;
  replicas.opened().for_each_copy([&](const cluster::Copy& copy) {
    if (!copy.is_checkpointed() && copy.durable_end() > Offset(0)) ids.push_back(copy.id());
  });
  submit(cluster::checkpoint_work(replicas.opened(), replicas.folder()), all_runs_, replicas, std::move(ids));
}

void Checkpointer::submit(std::function<Status()> work, bool& runs, cluster::Replicas& replicas,
                          std::vector<cluster::TopicPartition> ids) {
  runs = true;
  auto status = std::make_shared<Status>();
  world_.jobs.submit([work = std::move(work), status] { *status = work(); },
                     [this, &runs, &replicas, ids = std::move(ids), status] {
                       runs = false;
                       // Who appended has to be answered all the same: the records are on the disk.
                       if (!*status) say_("checkpoints are not written: " + status->error().message);
                       for (const cluster::TopicPartition& id : ids) {
                         cluster::Copy* copy = replicas.opened().find_copy(id);
                         if (!copy) continue;
                         copy->note_checkpoint();
                         counts_(id);
                       }
                     });
}

std::optional<int64_t> Checkpointer::deadline_ms() const {
  if (!young_.empty() && !young_runs_) return 0;
  if (all_runs_) return std::nullopt;  // its end makes a round
  if (all_waits_) return flusher_.is_idle() ? std::optional<int64_t>(0) : std::nullopt;
  return due_.deadline_ms();
}

}  // namespace bobbin::broker
