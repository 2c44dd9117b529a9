#include "record/sequence.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using record::sequence_after;
using record::sequence_before;

TEST_CASE("sequence: after the largest comes 0, and before 0 the largest") {
  CHECK(sequence_after(Sequence(0), 1) == Sequence(1));
  CHECK(sequence_after(Sequence(INT32_MAX), 0) == Sequence(INT32_MAX));
  CHECK(sequence_after(Sequence(INT32_MAX), 1) == Sequence(0));
  CHECK(sequence_after(Sequence(INT32_MAX), INT32_MAX) == Sequence(INT32_MAX - 1));
  CHECK(sequence_before(Sequence(0), 1) == Sequence(INT32_MAX));
  CHECK(sequence_before(Sequence(7), 7) == Sequence(0));
  for (int32_t first : {0, 1, 1000, INT32_MAX - 1, INT32_MAX})
    for (int32_t records : {0, 1, 500, INT32_MAX})
      CHECK(sequence_before(sequence_after(Sequence(first), records), records) == Sequence(first));
}
