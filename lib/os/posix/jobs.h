// Jobs on helper threads: at most `threads_max`, started when work waits and nobody is free, ended after two idle
// seconds, so that an idle broker has one thread. Helpers have every signal blocked.
//
// Everything but the work itself happens on the deciding thread: submit, run_completed, the destructor, every `done`.
#pragma once

#include "os/seam.h"

namespace bobbin::os {

class PosixJobs final : public Jobs {
 public:
  static constexpr unsigned threads_max_default = 16;
  static Result<std::unique_ptr<PosixJobs>> create(unsigned threads_max = threads_max_default);
  // Finishes the work that was submitted; its `done` is not run any more.
  ~PosixJobs() override;

  void submit(std::function<void()> work, std::function<void()> done) override;

  int fd() const;         // readable: run_completed has something to do
  size_t run_completed(); // runs what is done; returns how many
  size_t unfinished() const;  // submitted, and `done` has not run

 private:
  struct Pool;
  explicit PosixJobs(std::unique_ptr<Pool> pool);
  std::unique_ptr<Pool> pool_;
};

}  // namespace bobbin::os
