#include "broker/groups/log_journal.h"

#include "base/mutants.h"
#include "record/batch_builder.h"

namespace bobbin::broker {

Result<Offset> LogJournal::append(const std::vector<group::JournalRecord>& records) {
  cluster::Leading* leading = replicas_.opened().find_leading(id_);
  if (!leading || leading->epoch() != epoch_) return error(Errc::not_leader_or_follower, "another broker leads it now");
  if (!leading->in_sync().has_enough())
    return error(Errc::not_enough_replicas, "fewer replicas are in sync than min.insync.replicas says");
  record::BatchBuilder builder;
  const Timestamp now = world_.clock.wall();
  Offset last = last_written_;
  const auto append_batch = [&]() -> Status {
    if (builder.empty()) return {};
    BOBBIN_TRY_ASSIGN(batch, builder.seal({}));
    BOBBIN_TRY_ASSIGN(appended, leading->append(batch));
    durability_.appended(*leading, batch.size());
    bytes_written_ += batch.size();
    last = appended.last_offset;
    return {};
  };
  const auto bytes_max = static_cast<size_t>(leading->copy().settings().max_message_bytes);
  for (const auto& record : records) {
    const std::optional<Bytes> value = record.value ? std::optional<Bytes>(*record.value) : std::nullopt;
    if (builder.bytes() + record::BatchBuilder::record_bytes_max(record.key, value, {}) > bytes_max)
      BOBBIN_TRY(append_batch());
    builder.add(now, record.key, value);
  }
  BOBBIN_TRY(append_batch());
  return last;
}

void LogJournal::write(std::vector<group::JournalRecord> records, Done done) {
  auto appended = append(records);
  if (!appended) return done(appended.error());
  last_written_ = *appended;
  if (planted(Mutant::tell_unpromised)) return done({});
  await(last_written_, std::move(done));
}

void LogJournal::when_promised(Done done) { await(last_written_, std::move(done)); }

void LogJournal::await(Offset last, Done done) {
  auto told = [this, owner = owner_.lock(), last, done = std::move(done)](const Purgatory::Moved&, bool) {
    const auto fate = replicas_.opened().fate_of(id_, epoch_, last);
    if (fate) done(*fate);
    return bool(fate);
  };
  if (!told({}, false)) purgatory_.park(INT64_MAX, {id_}, std::move(told));
}

}  // namespace bobbin::broker
