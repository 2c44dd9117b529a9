#include "broker/durability.h"

#include <algorithm>

namespace bobbin::broker {

namespace {
constexpr int64_t retry_ms = 100;
}  // namespace

Durability::Durability(os::World& world, cluster::Replicas& replicas, Purgatory& purgatory, ClientLog& log,
                       cluster::Say say, size_t files_kept, Hooks hooks)
    : world_(world), replicas_(replicas), purgatory_(purgatory), log_(log), say_(std::move(say)),
      files_kept_(files_kept), hooks_(std::move(hooks)),
      flusher_(
          world, [this](cluster::Copy& copy, Beside beside) { write_beside(copy, beside); },
          [this](const cluster::TopicPartition& id, Offset end, const Status& status) { flushed(id, end, status); }),
      checkpointer_(world, flusher_, say_, [this](const cluster::TopicPartition& id) {
        counts(id);
        purgatory_.moved(id);
      }) {}

void Durability::note_appended(const cluster::Copy& copy, size_t bytes) {
  const bool is_synced = copy.is_flushed_at_once();
  // Many logs that wait for a sync hold many descriptors.
  const bool many = replicas_.opened().count() > files_kept_;
  checkpointer_.appended(bytes, is_synced || many);
  if (is_synced) flusher_.want(copy.id());
}

void Durability::appended(cluster::Leading& leading, size_t bytes) {
  note_appended(leading.copy(), bytes);
  leading.in_sync().appended(world_.clock.mono_ms());
  // Followers wait for what was appended, whatever is promised of it.
  if (leading.advance() || !leading.in_sync().is_alone()) purgatory_.moved(leading.id());
}

void Durability::followed(cluster::Following& following, size_t bytes) {
  note_appended(following.copy(), bytes);
  if (following.position()) hooks_.follower_counts(following.id());
}

void Durability::counts(const cluster::TopicPartition& id) {
  if (cluster::Leading* leading = replicas_.opened().find_leading(id)) {
    if (leading->advance()) purgatory_.moved(id);
  } else if (replicas_.opened().find_following(id)) {
    hooks_.follower_counts(id);
  }
}

void Durability::start_flushes() {
  const cluster::Replicas::Found found = replicas_.take_found();
  for (const cluster::TopicPartition& id : found.unsettled) {
    flusher_.want(id);
    cluster::Copy* copy = replicas_.opened().find_copy(id);
    if (copy && !copy->is_checkpointed() && copy->durable_end() > Offset(0)) checkpointer_.want_young(id);
  }
  if (!found.damaged.empty() || replicas_.departures.take_want()) checkpointer_.want_all();
  for (const cluster::TopicPartition& id : found.damaged) hooks_.damaged(id);
  for (const cluster::TopicPartition& id : found.unread) hooks_.unread(id);
  if (!unflushed_.empty() && world_.clock.mono_ms() >= next_try_ms_)
    for (const cluster::TopicPartition& id : std::exchange(unflushed_, {})) flusher_.want(id);
  if (replicas_.files().take_shortage()) flush_dirty();  // whatever their policy
  flusher_.start(replicas_);
}

bool Durability::is_at_rest(const cluster::TopicPartition& id) const {
  const cluster::Copy* copy = replicas_.opened().find_copy(id);
  return copy && !copy->is_dirty() && !flusher_.is_flushing(id) && !checkpointer_.is_writing() &&
         !replicas_.is_cutting();
}

void Durability::flush_dirty() {
  replicas_.opened().for_each_copy([this](const cluster::Copy& copy) {
    if (copy.is_dirty()) flusher_.want(copy.id());
  });
}

// No checkpoint tells of a start behind what is on the disk: a power cut would leave a log that ends before it begins.
void Durability::keep_start(const cluster::TopicPartition& id) {
  const cluster::Copy* copy = replicas_.opened().find_copy(id);
  if (!copy || copy->failed() || is_start_kept(*copy)) return;
  if (copy->durable_end() < copy->log_start()) {
    starts_.insert(id);
    return flusher_.want(id);
  }
  checkpointer_.want_young(id);
  checkpointer_.appended(0, true);  // so that the file of young logs does not grow with each
}

void Durability::flush_to_close() {
  replicas_.opened().for_each_copy([this](const cluster::Copy& copy) { flusher_.want(copy.id(), Beside::close); });
}

void Durability::write_beside(cluster::Copy& copy, Beside beside) {
  Status written = beside == Beside::close ? copy.prepare_to_close() : copy.checkpoint(world_.clock.wall());
  if (!written) say_(copy.topic_name() + ": no checkpoint: " + written.error().message);
}

void Durability::flushed(const cluster::TopicPartition& id, Offset end, const Status& status) {
  cluster::Copy* open = replicas_.opened().find_copy(id);
  if (!open) return;
  cluster::Copy& copy = *open;
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
    (failed->code == Errc::damaged ? hooks_.damaged : hooks_.unread)(id);
    return purgatory_.moved(id);
  }
  if (!copy.is_checkpointed() && copy.durable_end() > Offset(0)) checkpointer_.want_young(id);
  if (starts_.erase(id) > 0) keep_start(id);
  counts(id);
  if (waits_for_flush(copy) && copy.is_flushed_at_once()) flusher_.want(id);
}

std::optional<int64_t> Durability::next_deadline_ms() const {
  std::optional<int64_t> next = checkpointer_.deadline_ms();
  if (!unflushed_.empty()) next = std::min(next.value_or(next_try_ms_), next_try_ms_);
  return next;
}

}  // namespace bobbin::broker
