// Control batches: one record that speaks to brokers and readers and is never shown. The key is
// `int16 version (0), int16 type`; what the value means depends on the type.
#pragma once

#include "record/batch_builder.h"

namespace bobbin::record {

enum class ControlType : int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6,
};

// A batch of one control record; `value` is its encoded message. Of `fields` counts what such a batch can have:
// transactional, producer id and epoch, base offset, leader epoch. It has no sequence and is never compressed.
Result<std::string> control_batch(ControlType type, Bytes value, Timestamp timestamp, BatchFields fields = {});

// The value of abort and commit: `int16 version (0), int32 coordinatorEpoch`.
std::string end_transaction_value(int32_t coordinator_epoch);

// Of a record of a control batch. A number that nobody knows is no error (readers skip such records).
// Errc::malformed: no key, a short one, or a negative version.
Result<ControlType> control_type(const Record& record);

// Of an abort or commit record. Errc::malformed: not such a value.
Result<int32_t> coordinator_epoch(const Record& record);

}  // namespace bobbin::record
