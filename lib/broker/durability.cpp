#include "broker/durability.h"

#include <algorithm>

namespace bobbin::broker {

namespace {
constexpr int64_t retry_ms = 100;
}  // namespace

Durability::Durability(os::World& world, cluster::Replicas& replicas, Purgatory& purgatory, ClientLog& log,
                       cluster::Say say, size_t files_kept)
    : world_(world), replicas_(replicas), purgatory_(purgatory), log_(log), say_(std::move(say)),
      files_kept_(files_kept),
      flusher_(
          world, [this](cluster::Copy& copy, Beside beside) { write_beside(copy, beside); },
          [this](const cluster::TopicPartition& id, Offset end, const Status& status) { flushed(id, end, status); }),
      checkpointer_(world, flusher_, say_, [this](const cluster::TopicPartition& id) { purgatory_.moved(id); }) {}

void Durability::appended(cluster::Leading& leading, size_t bytes) {
  const bool is_synced = leading.copy().is_flushed_at_once();
  // Many logs that wait for a sync hold many descriptors.
  const bool many = replicas_.open_count() > files_kept_;
  checkpointer_.appended(bytes, is_synced || many);
  if (is_synced) flusher_.want(leading.id());
  if (leading.advance()) purgatory_.moved(leading.id());
}

void Durability::start_flushes() {
  const cluster::Replicas::Found found = replicas_.take_found();
  for (const cluster::TopicPartition& id : found.unsettled) flusher_.want(id);
  if (found.damage) checkpointer_.want_all();
  if (!unflushed_.empty() && world_.clock.mono_ms() >= next_try_ms_)
    for (const cluster::TopicPartition& id : std::exchange(unflushed_, {})) flusher_.want(id);
  if (replicas_.files().take_shortage()) flush_dirty();  // whatever their policy
  flusher_.start(replicas_);
}

void Durability::flush_dirty() {
  replicas_.for_each_leading([this](const cluster::Leading& leading) {
    if (leading.copy().is_dirty()) flusher_.want(leading.id());
  });
}

void Durability::flush_to_close() {
  replicas_.for_each_leading([this](const cluster::Leading& leading) { flusher_.want(leading.id(), Beside::close); });
}

void Durability::write_beside(cluster::Copy& copy, Beside beside) {
  Status written = beside == Beside::close ? copy.prepare_to_close() : copy.checkpoint(world_.clock.wall());
  if (!written) say_(copy.topic_name() + ": no checkpoint: " + written.error().message);
}

void Durability::flushed(const cluster::TopicPartition& id, Offset end, const Status& status) {
  cluster::Leading* leading = replicas_.find_leading(id);
  if (!leading) return;
  cluster::Copy& copy = leading->copy();
  const bool had_failed = copy.failed().has_value();
  copy.flush_done(end, status);
  if (!status && status.error().code == Errc::busy) {  // no descriptor was free
    log_.storage_trouble(copy.topic_name() + ": not flushed yet: " + status.error().message);
    unflushed_.push_back(id);
    next_try_ms_ = world_.clock.mono_ms() + retry_ms;
    return;
  }
  if (!status) {
    replicas_.folder().take_offline(copy.topic_name() + ": " + status.error().message);
    purgatory_.moved_all();
    return;
  }
  if (const auto& failed = copy.failed(); failed && !had_failed) {
    say_("DAMAGED: " + failed->message);
    checkpointer_.want_all();  // at the next start it tells how far the log had been
    return purgatory_.moved(id);
  }
  if (!copy.is_checkpointed() && copy.durable_end() > Offset(0)) checkpointer_.want_young(id);
  if (leading->advance()) purgatory_.moved(id);
  if (copy.waits_for_flush() && copy.is_flushed_at_once()) flusher_.want(id);
}

std::optional<int64_t> Durability::next_deadline_ms() const {
  std::optional<int64_t> next = checkpointer_.deadline_ms();
  if (!unflushed_.empty()) next = std::min(next.value_or(next_try_ms_), next_try_ms_);
  return next;
}

}  // namespace bobbin::broker
