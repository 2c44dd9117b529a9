// Reading without waiting for a disk: what a file has in memory is read at once, the rest is brought in by a job.
//
//   if (!cold.try_now([&] { answer = look(files); }))      // on the deciding thread
//     cold.bring_in(world, [..] { look again });           // by a job, then on the deciding thread
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/seam.h"

namespace bobbin::os {

// While one lives, no File::read of its thread waits: one that would have to answers Errc::not_in_memory and is noted here.
class NoWait {
 public:
  struct Missing {
    std::string path;
    uint64_t at, bytes;
  };

  NoWait();
  ~NoWait();
  NoWait(const NoWait&) = delete;
  NoWait& operator=(const NoWait&) = delete;

  // The one of this thread, or nullptr: reads may wait. For those who implement File.
  static NoWait* current();
  Error miss(const std::string& path, uint64_t at, uint64_t bytes);
  std::vector<Missing> take_missing() { return std::move(missing_); }

 private:
  NoWait* outer_;
  std::vector<Missing> missing_;
};

// One question to files that may have to be asked several times until all that it looks at is in memory. At last it waits:
// where memory is so short that pages go faster than they come, it would never be answered.
class ColdRead {
 public:
  // Whether `ask` got all that it wanted to read; else its answer is worth nothing, and it must be asked again after bring_in().
  bool try_now(const std::function<void()>& ask);
  // Reads what was missing, and from time to time more of what lies behind it; then calls `then`, also if that failed: whoever
  // asks again is told why.
  void bring_in(World& world, std::function<void()> then);

 private:
  std::vector<NoWait::Missing> missing_;
  int tries_ = 0;
};

}  // namespace bobbin::os
