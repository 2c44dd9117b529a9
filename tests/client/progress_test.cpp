#include "client/producer/progress.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

namespace {
const Error full = error(Errc::kafka_storage_error, "the disk is full");
}

TEST_CASE("Progress: it is over when the time has passed since the last acknowledgement") {
  Progress progress;
  progress.begin(1000);
  CHECK(progress.over_at(300) == 1301);
  CHECK_FALSE(progress.is_over(300, 1300));
  CHECK(progress.is_over(300, 1301));
  progress.acknowledged(1200);
  CHECK_FALSE(progress.is_over(300, 1500));
  CHECK(progress.is_over(300, 1501));
}

TEST_CASE("Progress: a disk that goes on refusing is the reason before the time is over") {
  Progress progress;
  progress.begin(1000);
  CHECK_FALSE(progress.disk_failure(100, 5000, 9000));
  progress.disk_refused(full, 1100);
  CHECK_FALSE(progress.disk_failure(100, 5000, 1100));
  CHECK_FALSE(progress.disk_failure(100, 5000, 6000));  // it refused once and is slow
  CHECK(progress.disk_failure(100, 5000, 6001)->message == "the disk is full");
  progress.disk_refused(full, 1101);
  CHECK(progress.disk_failure(100, 5000, 1101)->code == Errc::kafka_storage_error);
}

TEST_CASE("Progress: a disk that takes something again is no reason any more") {
  Progress progress;
  progress.begin(1000);
  progress.disk_refused(full, 1500);
  progress.acknowledged(1600);
  CHECK_FALSE(progress.disk_failure(100, 5000, 60'000));
}
