#include <catch2/catch.hpp>

#include "broker/checkpoint_due.h"

using bobbin::broker::CheckpointDue;

TEST_CASE("CheckpointDue: by time, sooner where appends are synced") {
  CheckpointDue due;
  CHECK_FALSE(due.is_due(1'000'000));
  due.appended(1, false, 1000);
  CHECK(due.deadline_ms() == 1000 + CheckpointDue::unsynced_ms);
  due.appended(1, true, 2000);
  CHECK(due.deadline_ms() == 2000 + CheckpointDue::synced_ms);
  due.appended(1, true, 3000);
  CHECK_FALSE(due.is_due(2000 + CheckpointDue::synced_ms - 1));
  CHECK(due.is_due(2000 + CheckpointDue::synced_ms));
  due.begun();
  CHECK_FALSE(due.is_due(1'000'000));
  CHECK_FALSE(due.deadline_ms());
}

TEST_CASE("CheckpointDue: by bytes, sooner where appends are synced") {
  CheckpointDue due;
  due.appended(CheckpointDue::synced_bytes, false, 0);
  CHECK_FALSE(due.is_due(0));
  due.appended(CheckpointDue::synced_bytes - 1, true, 0);
  CHECK_FALSE(due.is_due(0));
  due.appended(1, true, 0);
  CHECK(due.is_due(0));
  due.begun();
  due.appended(CheckpointDue::unsynced_bytes - 1, false, 0);
  CHECK_FALSE(due.is_due(0));
  due.appended(1, false, 0);
  CHECK(due.is_due(0));
}
