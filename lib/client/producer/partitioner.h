// Partitioners: which partition a record goes to when nobody said so. The hashes are those of Kafka's Java client
// (murmur2) and of librdkafka (crc32), bit for bit, so that a key keeps its place when data move.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "bobbin/values.h"

namespace bobbin::client {

using PartitionerKind = api::Partitioner;

std::optional<PartitionerKind> parse_partitioner(
    std::string_view name);  // "murmur2" "crc32" "sticky" "round-robin" "random"
std::string_view to_string(PartitionerKind kind);

uint32_t murmur2(Bytes key);
uint32_t crc32(Bytes key);  // zlib's

// Chooses for one topic. Not shared.
class Partitioner {
 public:
  Partitioner(PartitionerKind kind, int32_t partitions, uint64_t seed, size_t sticky_bytes = 16384);
  // `bytes`: about what the record takes in a batch.
  PartitionId choose(std::optional<Bytes> key, size_t bytes);
  // Records without keys stay together until about a batch is filled: whole runs of them may be placed at once.
  bool keeps_runs_together() const {
    return partitions_ == 1 || kind_ == PartitionerKind::murmur2 || kind_ == PartitionerKind::sticky;
  }
  // The topic grew.
  void set_partitions(int32_t partitions) { partitions_ = partitions; }

 private:
  PartitionId sticky(size_t bytes);
  uint64_t random();

  PartitionerKind kind_;
  int32_t partitions_;
  uint64_t state_;
  size_t sticky_bytes_;
  int32_t current_ = -1;
  size_t current_bytes_ = 0;
};

}  // namespace bobbin::client
