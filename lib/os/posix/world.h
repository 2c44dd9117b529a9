// PosixWorld: the parts of the real world, in one object.
#pragma once

#include <memory>

#include "os/posix/clock.h"
#include "os/posix/jobs.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"

namespace bobbin::os {

class PosixWorld {
 public:
  static Result<std::unique_ptr<PosixWorld>> create() {
    BOBBIN_TRY_ASSIGN(jobs, PosixJobs::create());
    return std::unique_ptr<PosixWorld>(new PosixWorld(std::move(jobs)));
  }

  World& world() { return world_; }
  PosixJobs& jobs() { return *jobs_; }
  PosixStorage& storage() { return storage_; }

 private:
  explicit PosixWorld(std::unique_ptr<PosixJobs> jobs)
      : jobs_(std::move(jobs)), world_{clock_, random_, storage_, *jobs_} {}

  PosixClock clock_;
  PosixRandom random_;
  PosixStorage storage_;
  std::unique_ptr<PosixJobs> jobs_;
  World world_;
};

}  // namespace bobbin::os
