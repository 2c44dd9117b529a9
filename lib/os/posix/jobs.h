// Jobs on helper threads: at most `threads_max`, started when work waits and nobody is free, ended after two idle
// seconds, so that an idle broker has one thread. Helpers have every signal blocked.
//
// Everything but the work itself happens on the deciding thread: submit, run_completed, the destructor, every `done`.
#pragma once

#include "os/seam.h"

namespace bobbin::os {

class PosixJobs final : public Jobs {
 public:
  static constexpr unsigned threads_max_default = 24;  // for 16 syncs, some that compute, and the metadata
  // What becomes of work that is under way when this ends. What outsiders can hold up for as long as they like (a server of
  // names, a file that they serve themselves) is abandoned: it owns all that it needs, and may outlive this.
  enum class AtEnd { finish, abandon };
  static Result<std::unique_ptr<PosixJobs>> create(unsigned threads_max = threads_max_default,
                                                   AtEnd at_end = AtEnd::finish);
  // `done` is not run any more.
  ~PosixJobs() override;

  void submit(std::function<void()> work, std::function<void()> done) override;

  int fd() const;             // readable: run_completed has something to do
  size_t run_completed();     // runs what is done; returns how many
  size_t unfinished() const;  // submitted, and `done` has not run

 private:
  struct Pool;
  PosixJobs(std::shared_ptr<Pool> pool, AtEnd at_end);
  std::shared_ptr<Pool> pool_;  // its threads', too
  AtEnd at_end_;
};

// How many helpers may compute at once: all but one of the processors that this process may use, which is the deciding
// thread's; at least one, and not more than four.
unsigned helpers_for_cpus();

}  // namespace bobbin::os
