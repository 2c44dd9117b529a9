// What a Producer is given, and what it tells of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "bobbin/values.h"
#include "client/producer/partitioner.h"
#include "record/batch.h"

namespace bobbin::client {

using api::Acks;
using api::Compression;

// What became of some records of one partition, in the order in which they were sent.
struct Delivery {
  PartitionId partition;
  std::span<const uint64_t> numbers;
  Offset first_offset = offset_none;  // none: failed, or the broker did not tell
  const Error* error = nullptr;       // null: acknowledged
};

struct ProducerOptions {
  Acks acks = Acks::all;
  Compression compression = Compression::none;
  size_t batch_bytes = 256 << 10;  // a batch is sealed when it would grow beyond
  int64_t linger_ms = 5;           // longest wait of a partial batch that nobody pushes
  PartitionerKind partitioner = PartitionerKind::murmur2;
  std::optional<PartitionId> partition;            // all records go there
  int64_t timeout_ms = 120'000;                    // without progress, then Errc::no_answer
  int64_t storage_refusals_ms_max = 10'000;        // a disk is full or broken that long, then kafka_storage_error
  bool idempotent = true;                          // off with acks 0 by itself
  int32_t in_flight_max = 5;                       // batches of one partition; more than 5 cannot be idempotent
  size_t buffer_bytes_max = 8 << 20;               // all batches, sealed and open
  std::function<void(const Delivery&)> delivered;  // told of each record; must not call back; not with send_lines()
};

// The views need to live until send() returns.
struct OutRecord {
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::span<const record::Header> headers;
  std::optional<Timestamp> timestamp;    // none: now. -1 is kept: a record that says that it has no time
  std::optional<PartitionId> partition;  // none: the options', else the partitioner's
  uint64_t number = 0;                   // the caller's name for it (a line's number), told back when it fails
};

struct Failure {
  uint64_t number = 0;  // of the first record of the first batch that was refused or not answered
  PartitionId partition;
  Error error;
};

}  // namespace bobbin::client
