// Sequences of a producer's records in a partition: they count from 0, and after 2147483647 comes 0.
#pragma once

#include "base/id.h"

namespace bobbin::record {

// The sequence `records` after `first`, which is not negative.
inline Sequence sequence_after(Sequence first, int32_t records) {
  int64_t sum = int64_t{first.value} + records;
  return Sequence(static_cast<int32_t>(sum > INT32_MAX ? sum - INT32_MAX - 1 : sum));
}

// The sequence `records` before `last`, which is not negative.
inline Sequence sequence_before(Sequence last, int32_t records) {
  int64_t difference = int64_t{last.value} - records;
  return Sequence(static_cast<int32_t>(difference < 0 ? difference + INT32_MAX + 1 : difference));
}

}  // namespace bobbin::record
