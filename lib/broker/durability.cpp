#include "broker/durability.h"

#include <algorithm>

namespace bobbin::broker {

namespace {
constexpr int64_t retry_ms = 100;
}  // namespace

Durability::Durability(os::World& world, cluster::Partitions& partitions, Purgatory& purgatory, ClientLog& log,
                       cluster::Say say, size_t files_kept)
    : world_(world), partitions_(partitions), purgatory_(purgatory), log_(log), say_(std::move(say)),
      files_kept_(files_kept),
      flusher_(
          world, [this](cluster::Partition& partition, Beside beside) { write_beside(partition, beside); },
          [this](const cluster::TopicPartition& id, Offset end, const Status& status) { flushed(id, end, status); }),
      checkpointer_(world, flusher_, say_, [this](const cluster::TopicPartition& id) { purgatory_.moved(id); }) {}

void Durability::appended(cluster::Partition& partition, size_t bytes) {
  bool is_synced = partition.settings().flush_policy == config::FlushPolicy::ack;
  // Many logs that wait for a sync hold many descriptors.
  bool many = partitions_.open_count() > files_kept_;
  checkpointer_.appended(bytes, is_synced || many);
  if (is_synced) flusher_.want(partition.id());
  partition.appended(bytes);
  if (partition.advance()) purgatory_.moved(partition.id());
}

void Durability::start_flushes() {
  for (const cluster::TopicPartition& id : partitions_.take_unsettled()) flusher_.want(id);
  if (partitions_.take_found_damage()) checkpointer_.want_all();
  if (!unflushed_.empty() && world_.clock.mono_ms() >= next_try_ms_)
    for (const cluster::TopicPartition& id : std::exchange(unflushed_, {})) flusher_.want(id);
  if (partitions_.take_shortage()) flush_dirty();  // whatever their policy
  flusher_.start(partitions_);
}

void Durability::flush_dirty() {
  partitions_.for_each_open([this](cluster::Partition& p) {
    if (p.log().is_dirty()) flusher_.want(p.id());
  });
}

void Durability::flush_to_close() {
  partitions_.for_each_open([this](cluster::Partition& p) { flusher_.want(p.id(), Beside::close); });
}

void Durability::write_beside(cluster::Partition& partition, Beside beside) {
  log::Log& log = partition.log();
  Status written = beside == Beside::close ? log.prepare_to_close() : log.checkpoint(world_.clock.wall());
  if (!written) say_(partition.topic_name() + ": no checkpoint: " + written.error().message);
}

void Durability::flushed(const cluster::TopicPartition& id, Offset end, const Status& status) {
  cluster::Partition* partition = partitions_.find_open(id);
  if (!partition) return;
  bool had_failed = partition->log().failed().has_value();
  partition->log().flush_done(end, status);
  if (!status && status.error().code == Errc::busy) {  // no descriptor was free
    log_.storage_trouble(partition->topic_name() + ": not flushed yet: " + status.error().message);
    unflushed_.push_back(id);
    next_try_ms_ = world_.clock.mono_ms() + retry_ms;
    return;
  }
  if (!status) {
    partitions_.take_offline(partition->topic_name() + ": " + status.error().message);
    purgatory_.moved_all();
    return;
  }
  if (const auto& failed = partition->log().failed(); failed && !had_failed) {
    say_("DAMAGED: " + failed->message);
    checkpointer_.want_all();  // at the next start it tells how far the log had been
    return purgatory_.moved(id);
  }
  if (!partition->is_checkpointed() && partition->log().durable_end() > Offset(0)) checkpointer_.want_young(id);
  if (partition->advance()) purgatory_.moved(id);
  if (partition->waits_for_flush() && partition->settings().flush_policy == config::FlushPolicy::ack) flusher_.want(id);
}

std::optional<int64_t> Durability::next_deadline_ms() const {
  std::optional<int64_t> next = checkpointer_.deadline_ms();
  if (!unflushed_.empty()) next = std::min(next.value_or(next_try_ms_), next_try_ms_);
  return next;
}

}  // namespace bobbin::broker
