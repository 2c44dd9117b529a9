#include "client/producer/accumulator.h"

#include <algorithm>

#include "client/session.h"
#include "os/seam.h"

namespace bobbin::client {

Accumulator::Accumulator(const Parts& parts, const SealFields& fields)
    : session_(parts.session), topic_(parts.topic), options_(parts.options), tally_(parts.tally),
      progress_(parts.progress), fields_(fields), batch_bytes_(std::min(options_.batch_bytes, fields.bytes_max)),
      partitioner_(options_.partitioner, static_cast<int32_t>(partitions()), session_.random().next()) {
  adopt_partitions();
  look_at_clock();
}

size_t Accumulator::partitions() const {
  const TopicView* view = session_.topology().topic(topic_);
  return view ? view->partitions.size() : 0;
}

void Accumulator::adopt_partitions() {
  size_t count = partitions();
  if (count <= queues_.size()) return;
  while (queues_.size() < count)
    queues_.push_back(std::make_unique<PartitionQueue>(PartitionId(static_cast<int32_t>(queues_.size())),
                                                       options_.in_flight_max, &spares_));
  partitioner_.set_partitions(static_cast<int32_t>(count));
}

bool Accumulator::is_idle() const {
  return std::all_of(queues_.begin(), queues_.end(), [](const auto& q) { return q->is_idle(); });
}

void Accumulator::push() {
  for (auto& queue : queues_) queue->open().push();
}

void Accumulator::look_at_clock() { wall_ = session_.clock().wall(); }

// --- records ---

Error Accumulator::no_partition(PartitionId id) const {
  return error(Errc::unknown_topic_or_partition, "topic " + topic_ + " has no partition " + to_string(id) +
                                                     ", only 0 to " + std::to_string(queues_.size() - 1));
}

void Accumulator::add(PartitionQueue& queue, const OutRecord& record, size_t bytes_max) {
  OpenBatch& open = queue.open();
  size_t before = open.bytes();
  if (before == 0) begin_batch(queue, record.number, record::batch_header_bytes + bytes_max);
  open.builder().add(record.timestamp.value_or(wall_), record.key, record.value, record.headers);
  if (options_.delivered) open.keep_number(record.number);
  tally_.took(1, open.bytes() - before);
}

record::BatchBuilder::Lines Accumulator::add_lines(PartitionQueue& queue, Bytes lines, char delimiter,
                                                   uint64_t first_number) {
  OpenBatch& open = queue.open();
  size_t before = open.bytes();
  if (before == 0) begin_batch(queue, first_number, batch_bytes_);
  auto taken = open.builder().add_lines(wall_, lines, delimiter, batch_bytes_);
  tally_.took(static_cast<uint64_t>(taken.count), open.bytes() - before);
  if (!options_.partition && taken.bytes > 0) partitioner_.choose(std::nullopt, taken.bytes);
  return taken;
}

// --- batches ---

void Accumulator::begin_batch(PartitionQueue& queue, uint64_t first_number, size_t bytes_min) {
  look_at_clock();
  if (tally_.buffered_bytes() == 0) progress_.begin(session_.now_ms());
  queue.open().begin(first_number, session_.now_ms(), piece_for(queue, std::max(batch_bytes_, bytes_min)));
}

// Shared memory for a large batch to come, so that it need not be copied there.
std::optional<transport::FrameMemory::Piece> Accumulator::piece_for(const PartitionQueue& queue, size_t bytes) {
  if (!queue.open().wants_piece() || options_.compression != record::Compression::none || options_.acks == Acks::none)
    return std::nullopt;
  const PartitionView* view = session_.topology().partition(topic_, queue.id());
  if (!view || view->leader == broker_none) return std::nullopt;
  return session_.take_memory(view->leader, OpenBatch::piece_bytes(bytes));
}

Status Accumulator::seal(PartitionQueue& queue) {
  BOBBIN_TRY_ASSIGN(shrank, queue.seal(fields_));
  tally_.grew(-shrank);
  return {};
}

bool Accumulator::split(PartitionQueue& queue, uint64_t serial) {
  SealFields fields = fields_;
  fields.bytes_max = SIZE_MAX;
  auto grew = queue.split(serial, fields, 0);
  if (!grew || !*grew) return false;
  tally_.grew(**grew);
  return true;
}

}  // namespace bobbin::client
