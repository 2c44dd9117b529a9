// Sink: who takes the records that a Consumer reads.
#pragma once

#include <string_view>

#include "base/id.h"
#include "base/result.h"
#include "record/batch.h"

namespace bobbin::client {

class Sink {
 public:
  virtual ~Sink() = default;
  // Views are good until this returns. False: this record was taken, the next ones wait for the next poll().
  virtual bool take(std::string_view topic, PartitionId partition, const record::Record& record) = 0;
  // Asked before the first record of a batch that is wanted whole: a sink that has a quicker way than take() for each may
  // read them all from `records`. Errors are those of the records.
  enum class Batch { one_by_one, taken, taken_and_enough };
  virtual Result<Batch> take_batch(std::string_view, PartitionId, record::RecordReader&) { return Batch::one_by_one; }
};

}  // namespace bobbin::client
