#include "log/producers.h"

#include "base/crc32c.h"
#include "base/mutants.h"
#include "record/sequence.h"

namespace bobbin::log {

namespace {

constexpr int16_t snapshot_version = 1;
constexpr size_t snapshot_head_bytes = 2 + 4 + 4;
constexpr size_t snapshot_entry_bytes = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;

bool follows(Sequence last, Sequence next) { return next == record::sequence_after(last, 1); }

std::string text(ProducerId id) { return "producer " + to_string(id); }

}  // namespace

Sequence SentBatch::first_sequence() const { return record::sequence_before(last_sequence, offset_delta); }

void ProducerState::push(const SentBatch& batch) {
  if (batch_count == batches_max) {
    std::move(batches.begin() + 1, batches.end(), batches.begin());
    batch_count--;
  }
  batches[batch_count++] = batch;
}

const ProducerState* Producers::find(ProducerId id) const {
  auto found = states_.find(id);
  return found == states_.end() ? nullptr : &found->second;
}

Result<std::optional<SentBatch>> Producers::check(const record::BatchView& batch) const {
  if (batch.producer_id() < ProducerId(0)) return std::optional<SentBatch>();
  const ProducerState* known = find(batch.producer_id());
  // Nothing known (forgotten, or its records were deleted): any sequence may come.
  if (!known || known->epoch < ProducerEpoch(0)) return std::optional<SentBatch>();

  Sequence first = batch.base_sequence(), last = record::sequence_after(first, batch.last_offset_delta());
  if (known->epoch == batch.producer_epoch())
    for (size_t i = 0; i < known->batch_count; i++)
      if (known->batches[i].first_sequence() == first && known->batches[i].last_sequence == last)
        return std::optional<SentBatch>(known->batches[i]);

  if (batch.producer_epoch() < known->epoch && !planted(Mutant::forget_epoch_check))
    return error(Errc::invalid_producer_epoch, text(batch.producer_id()) + ": epoch " +
                                                   to_string(batch.producer_epoch()) + " is older than " +
                                                   to_string(known->epoch));
  if (batch.is_control()) return std::optional<SentBatch>();  // markers have no sequence
  bool same_reign = batch.producer_epoch() <= known->epoch;
  Sequence before = same_reign && known->last() ? known->last()->last_sequence : Sequence(-1);
  if (!follows(before, first))
    return error(Errc::out_of_order_sequence_number, text(batch.producer_id()) + ": sequence " + to_string(first) +
                                                         " does not follow " + to_string(before));
  return std::optional<SentBatch>();
}

void Producers::apply(const record::BatchView& batch, Timestamp seen, std::optional<Marker> marker,
                      int64_t expiration_ms) {
  if (batch.producer_id() < ProducerId(0)) return;
  ProducerState& state = states_[batch.producer_id()];
  if (state.epoch != batch.producer_epoch()) {
    state.batch_count = 0;
    state.epoch = batch.producer_epoch();
  }
  Timestamp time = batch.max_timestamp();
  state.last_timestamp = time < seen - expiration_ms / 2 ? seen : time;
  if (marker) {
    state.coordinator_epoch = marker->coordinator_epoch;
    state.txn_first = offset_none;
    return;
  }
  if (batch.is_control()) return;
  state.push({record::sequence_after(batch.base_sequence(), batch.last_offset_delta()), batch.last_offset(),
              batch.last_offset_delta(), batch.max_timestamp()});
  if (batch.is_transactional() && state.txn_first == offset_none) state.txn_first = batch.base_offset();
}

void Producers::recall(const Producers& recent) {
  for (auto& [id, state] : states_) {
    const ProducerState* seen = recent.find(id);
    const SentBatch* ours = state.last();
    const SentBatch* theirs = seen ? seen->last() : nullptr;
    if (!ours || !theirs || seen->epoch != state.epoch) continue;
    if (theirs->last_sequence != ours->last_sequence || theirs->last_offset != ours->last_offset) continue;
    state.batches = seen->batches;
    state.batch_count = seen->batch_count;
  }
}

void Producers::expire(Timestamp now, int64_t expiration_ms) {
  std::erase_if(states_, [&](const auto& s) {
    // No difference of times: theirs may be any.
    return s.second.txn_first == offset_none && s.second.last_timestamp <= now - expiration_ms;
  });
}

void Producers::limit(size_t count_max) {
  if (states_.size() <= count_max) return;
  std::vector<std::pair<Timestamp, ProducerId>> idle;
  for (const auto& [id, state] : states_)
    if (state.txn_first == offset_none) idle.push_back({state.last_timestamp, id});
  std::sort(idle.begin(), idle.end());
  size_t surplus = std::min(idle.size(), states_.size() - count_max);
  for (size_t i = 0; i < surplus; i++) states_.erase(idle[i].second);
}

std::optional<Offset> Producers::first_open_transaction() const {
  std::optional<Offset> first;
  for (const auto& [id, state] : states_)
    if (state.txn_first != offset_none && (!first || state.txn_first < *first)) first = state.txn_first;
  return first;
}

std::vector<ProducerId> Producers::ids() const {
  std::vector<ProducerId> all;
  for (const auto& [id, state] : states_) all.push_back(id);
  std::sort(all.begin(), all.end());
  return all;
}

std::string Producers::encode_snapshot() const {
  std::string body;
  append_be(body, static_cast<int32_t>(size()));
  for (ProducerId id : ids()) {
    const ProducerState& state = states_.at(id);
    const SentBatch* last = state.last();
    append_be(body, id.value);
    append_be(body, state.epoch.value);
    append_be(body, last ? last->last_sequence.value : int32_t{-1});
    append_be(body, last ? last->last_offset.value : int64_t{-1});
    append_be(body, last ? last->offset_delta : int32_t{0});
    append_be(body, state.last_timestamp.value);
    append_be(body, state.coordinator_epoch);
    append_be(body, state.txn_first.value);
  }
  std::string out;
  append_be(out, snapshot_version);
  append_be(out, crc32c(body));
  return out + body;
}

Result<Producers> Producers::decode_snapshot(Bytes bytes) {
  if (bytes.size() < snapshot_head_bytes || load_be<int16_t>(bytes.data()) != snapshot_version)
    return error(Errc::damaged, "not a producer snapshot of version 1");
  if (load_be<uint32_t>(bytes.data() + 2) != crc32c(bytes.substr(6)))
    return error(Errc::damaged, "producer snapshot: wrong checksum");
  auto count = load_be<int32_t>(bytes.data() + 6);
  if (count < 0 || bytes.size() - snapshot_head_bytes != static_cast<size_t>(count) * snapshot_entry_bytes)
    return error(Errc::damaged, "producer snapshot: wrong length");
  Producers out;
  for (const char* at = bytes.data() + snapshot_head_bytes; at != bytes.data() + bytes.size();
       at += snapshot_entry_bytes) {
    ProducerState state;
    state.epoch = ProducerEpoch(load_be<int16_t>(at + 8));
    SentBatch last{Sequence(load_be<int32_t>(at + 10)), Offset(load_be<int64_t>(at + 14)), load_be<int32_t>(at + 22),
                   Timestamp(load_be<int64_t>(at + 26))};
    if (last.last_sequence >= Sequence(0) && last.offset_delta >= 0) state.push(last);
    state.last_timestamp = Timestamp(load_be<int64_t>(at + 26));
    state.coordinator_epoch = load_be<int32_t>(at + 34);
    state.txn_first = Offset(load_be<int64_t>(at + 38));
    out.states_[ProducerId(load_be<int64_t>(at))] = state;
  }
  return out;
}

}  // namespace bobbin::log
