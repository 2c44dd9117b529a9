// Accumulator: a producer's records until they are sent: chooses the partition of each and encodes it into the batch that is
// open there. It owns the partitions' queues and counts what they take (tally.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "client/producer/options.h"
#include "client/producer/partition_queue.h"
#include "client/producer/partitioner.h"
#include "client/producer/progress.h"
#include "client/producer/tally.h"

namespace bobbin::client {

class Session;

class Accumulator {
 public:
  struct Parts {
    Session& session;
    const std::string& topic;
    const ProducerOptions& options;
    Tally& tally;
    Progress& progress;
  };
  // The topic must be known to the session. All parts must outlive it.
  Accumulator(const Parts& parts, const SealFields& fields);
  Accumulator(const Accumulator&) = delete;
  Accumulator& operator=(const Accumulator&) = delete;

  // The topic may have grown.
  void adopt_partitions();
  const std::vector<std::unique_ptr<PartitionQueue>>& queues() const { return queues_; }
  bool is_idle() const;
  void push();
  // Records without a time get that of now. To be called when time may have passed.
  void look_at_clock();

  // Records without keys stay together until about a batch is filled: whole runs of them may be placed at once.
  bool keeps_runs_together() const { return partitioner_.keeps_runs_together(); }
  // Where a record goes of which the batch takes at most so many bytes. Errc::unknown_topic_or_partition.
  Result<PartitionQueue*> queue_for(const OutRecord& record, size_t bytes_max) {
    const PartitionId id = partition_of(record, bytes_max);
    if (id.value < 0 || static_cast<size_t>(id.value) >= queues_.size()) return no_partition(id);
    return queues_[static_cast<size_t>(id.value)].get();
  }
  bool has_room(const PartitionQueue& queue, size_t bytes_max) const {
    return queue.open().is_empty() || queue.open().bytes() + bytes_max <= batch_bytes_;
  }
  void add(PartitionQueue& queue, const OutRecord& record, size_t bytes_max);
  // Whole lines from the front, as many as the batch takes.
  record::BatchBuilder::Lines add_lines(PartitionQueue& queue, Bytes lines, char delimiter, uint64_t first_number);

  // The open batch goes on its way.
  Status seal(PartitionQueue& queue);
  // A batch that is too large becomes two. False: it cannot.
  bool split(PartitionQueue& queue, uint64_t serial);

 private:
  PartitionId partition_of(const OutRecord& record, size_t bytes_max) {
    if (record.partition) return *record.partition;
    return options_.partition ? *options_.partition : partitioner_.choose(record.key, bytes_max);
  }
  Error no_partition(PartitionId id) const;
  void begin_batch(PartitionQueue& queue, uint64_t first_number, size_t bytes_min);
  std::optional<transport::FrameMemory::Piece> piece_for(const PartitionQueue& queue, size_t bytes);
  size_t partitions() const;

  Session& session_;
  const std::string& topic_;
  const ProducerOptions& options_;
  Tally& tally_;
  Progress& progress_;
  SealFields fields_;
  size_t batch_bytes_;
  Partitioner partitioner_;
  std::vector<std::string> spares_;                      // the queues'
  std::vector<std::unique_ptr<PartitionQueue>> queues_;  // by partition
  Timestamp wall_;                                       // of now, looked at once a poll and a batch
};

}  // namespace bobbin::client
