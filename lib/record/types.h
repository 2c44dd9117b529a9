// What a record is, and what a batch's attributes say of all of its records. Numbers are Kafka's.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/id.h"
#include "bobbin/values.h"

namespace bobbin::record {

using api::Compression;
enum class TimestampType : uint8_t { create_time = 0, log_append_time = 1 };

struct Header {
  Bytes key;
  std::optional<Bytes> value;
};

// One record as a view of its batch's bytes, or of the reader's buffer where the batch is compressed: it lives until
// the next open().
struct Record {
  Offset offset;
  Timestamp timestamp;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  Bytes headers_bytes;  // still encoded; parse_headers() reads them
  int32_t headers_count = 0;
  TimestampType timestamp_type = TimestampType::create_time;  // of `timestamp`: the batch's
};

}  // namespace bobbin::record
