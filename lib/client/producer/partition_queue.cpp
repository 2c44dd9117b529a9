#include "client/producer/partition_queue.h"

#include <algorithm>
#include <utility>

#include "client/patience.h"
#include "record/sequence.h"

namespace bobbin::client {

namespace {

constexpr int64_t pause_ms_max = 250;
constexpr size_t split_bytes_max = size_t{1} << 30;

}  // namespace

Result<int64_t> PartitionQueue::seal(const SealFields& fields) {
  auto before = static_cast<int64_t>(open_.bytes());
  BOBBIN_TRY_ASSIGN(batch, open_.seal(fields, next_sequence_));
  batch.serial = next_serial_++;
  next_sequence_ = record::sequence_after(next_sequence_, batch.records);
  int64_t shrank = before - static_cast<int64_t>(batch.bytes().size());
  batches_.push_back(std::move(batch));
  waiting_++;
  return shrank;
}

bool PartitionQueue::may_send(int64_t now) const {
  if (failed_ || draining_ || now < not_before_) return false;
  if (alone_) return under_way_ == 0;
  // Counted from the oldest that is open, not by those under way: a leader knows the last five, and the oldest may have
  // to be sent again after four that another connection brought through.
  return static_cast<int32_t>(batches_.size()) - waiting_ < in_flight_max_;
}

const OutBatch* PartitionQueue::next() const {
  auto found = std::find_if(batches_.begin(), batches_.end(),
                            [](const OutBatch& b) { return b.state == OutBatch::State::waiting; });
  return found == batches_.end() ? nullptr : &*found;
}

size_t PartitionQueue::next_bytes() const {
  const OutBatch* batch = next();
  return batch ? batch->bytes().size() : 0;
}

bool PartitionQueue::next_is_in_memory() const {
  const OutBatch* batch = next();
  return batch && !batch->in_piece.empty();
}

const OutBatch* PartitionQueue::take() {
  for (auto& batch : batches_) {
    if (batch.state != OutBatch::State::waiting) continue;
    batch.state = OutBatch::State::under_way;
    waiting_--;
    under_way_++;
    return &batch;
  }
  return nullptr;
}

OutBatch* PartitionQueue::find(uint64_t serial) {
  for (auto& batch : batches_)
    if (batch.serial == serial && batch.state == OutBatch::State::under_way) return &batch;
  return nullptr;
}

bool PartitionQueue::is_oldest(uint64_t serial) const {
  for (const auto& batch : batches_)
    if (batch.state != OutBatch::State::acknowledged) return batch.serial == serial;
  return false;
}

Settled PartitionQueue::acknowledge(uint64_t serial) {
  Settled settled;
  OutBatch* batch = find(serial);
  if (!batch) return settled;
  batch->state = OutBatch::State::acknowledged;
  under_way_--;
  settled.acked = static_cast<uint64_t>(batch->records);
  settled.numbers = std::move(batch->numbers);
  if (under_way_ == 0) draining_ = false;
  if (!draining_) alone_ = false;
  failing_since_.reset();
  forget_acknowledged(settled);
  return settled;
}

void PartitionQueue::forget_acknowledged(Settled& settled) {
  while (!batches_.empty() && batches_.front().state == OutBatch::State::acknowledged) {
    OutBatch& batch = batches_.front();
    settled.bytes_freed += batch.bytes().size();
    if (spares_ && !batch.owned.empty() && spares_->size() < spares_max) spares_->push_back(std::move(batch.owned));
    batches_.pop_front();
  }
}

void PartitionQueue::retry(uint64_t serial, int64_t now) {
  OutBatch* batch = find(serial);
  if (!batch) return;
  batch->state = OutBatch::State::waiting;
  waiting_++;
  under_way_--;
  alone_ = true;
  draining_ = under_way_ > 0;
  if (!failing_since_) failing_since_ = now;
  not_before_ = now + pause_after(now - *failing_since_, pause_ms_max);
}

Result<std::optional<int64_t>> PartitionQueue::split(uint64_t serial, const SealFields& fields, size_t bytes_max) {
  OutBatch* batch = find(serial);
  if (!batch || batch->records < 2) return std::optional<int64_t>();
  BOBBIN_TRY_ASSIGN(parts, halves_of(*batch, fields, std::max(bytes_max, split_bytes_max)));
  auto grew = -static_cast<int64_t>(batch->bytes().size());
  for (OutBatch& part : parts) {
    part.serial = next_serial_++;
    grew += static_cast<int64_t>(part.bytes().size());
  }
  auto at = batches_.begin();
  for (auto it = batches_.begin(); it != batches_.end(); ++it)
    if (it->serial == serial) at = it;
  at = batches_.erase(at);
  batches_.insert(at, std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
  under_way_--;
  waiting_ += static_cast<int32_t>(parts.size());
  alone_ = true;
  draining_ = under_way_ > 0;
  return std::optional(grew);
}

void PartitionQueue::count_failed(const OutBatch& batch, Settled& settled) {
  settled.failed += static_cast<uint64_t>(batch.records);
  settled.bytes_freed += batch.bytes().size();
  settled.numbers.insert(settled.numbers.end(), batch.numbers.begin(), batch.numbers.end());
  settled.first_failed = std::min(settled.first_failed.value_or(UINT64_MAX), batch.first_number);
}

void PartitionQueue::drop_waiting(Settled& settled) {
  for (const auto& batch : batches_)
    if (batch.state == OutBatch::State::waiting) count_failed(batch, settled);
  std::erase_if(batches_, [](const OutBatch& b) { return b.state == OutBatch::State::waiting; });
  waiting_ = 0;
  if (!open_.is_empty()) {
    settled.failed += static_cast<uint64_t>(open_.records());
    settled.bytes_freed += open_.bytes();
    settled.numbers.insert(settled.numbers.end(), open_.numbers().begin(), open_.numbers().end());
    settled.first_failed = std::min(settled.first_failed.value_or(UINT64_MAX), open_.first_number());
  }
  open_.drop();
}

Settled PartitionQueue::fail(uint64_t serial, Error why) {
  Settled settled;
  OutBatch* batch = find(serial);
  if (!batch) return settled;
  batch->state = OutBatch::State::waiting;
  waiting_++;
  under_way_--;
  if (under_way_ == 0) draining_ = false;
  if (!failed_) failed_ = std::move(why);
  drop_waiting(settled);
  forget_acknowledged(settled);
  return settled;
}

Settled PartitionQueue::give_up(Error why) {
  Settled settled;
  if (!failed_) failed_ = std::move(why);
  for (auto& batch : batches_)
    if (batch.state == OutBatch::State::under_way) batch.state = OutBatch::State::waiting;
  under_way_ = 0;
  draining_ = false;
  drop_waiting(settled);
  forget_acknowledged(settled);
  return settled;
}

}  // namespace bobbin::client
