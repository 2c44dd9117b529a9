#include "broker/checkpointer.h"

namespace bobbin::broker {

void Checkpointer::run(cluster::Partitions& partitions, bool ends) {
  if (!young_.empty() && !young_runs_) write_young(partitions);
  if (ends || all_runs_) return;
  if (all_waits_) {
    if (flusher_.is_idle()) write_all(partitions);
    return;
  }
  if (!due_.is_due(world_.clock.mono_ms())) return;
  due_.begun();
  all_waits_ = true;
  partitions.for_each_open([this](cluster::Partition& p) { flusher_.want(p.id(), Beside::checkpoint); });
  flusher_.start(partitions);
}

// Whatever is being flushed: nothing moves but what is told of these.
void Checkpointer::write_young(cluster::Partitions& partitions) {
  std::vector<cluster::TopicPartition> ids(young_.begin(), young_.end());
  young_.clear();
  auto work = partitions.young_work(ids);
  submit(std::move(work), young_runs_, partitions, std::move(ids));
}

void Checkpointer::write_all(cluster::Partitions& partitions) {
  all_waits_ = false;
  std::vector<cluster::TopicPartition> ids;
  partitions.for_each_open([&](cluster::Partition& p) {
    if (!p.is_checkpointed() && p.log().durable_end() > Offset(0)) ids.push_back(p.id());
  });
  submit(partitions.checkpoint_work(), all_runs_, partitions, std::move(ids));
}

void Checkpointer::submit(std::function<Status()> work, bool& runs, cluster::Partitions& partitions,
                          std::vector<cluster::TopicPartition> ids) {
  runs = true;
  auto status = std::make_shared<Status>();
  world_.jobs.submit([work = std::move(work), status] { *status = work(); },
                     [this, &runs, &partitions, ids = std::move(ids), status] {
                       runs = false;
                       // Who appended has to be answered all the same: the records are on the disk.
                       if (!*status) say_("checkpoints are not written: " + status->error().message);
                       for (const cluster::TopicPartition& id : ids) {
                         cluster::Partition* partition = partitions.find_open(id);
                         if (!partition) continue;
                         partition->note_checkpoint();
                         if (partition->advance()) moved_(id);
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
