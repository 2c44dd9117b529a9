// Workers: the commands that run at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/exec/schedule.h"
#include "cmd/exec/surroundings.h"
#include "os/child.h"
#include "os/wait.h"

namespace bobbin::cmd {

class Workers {
 public:
  // Each runs `command` by /bin/sh -c.
  Workers(std::string command, size_t count);

  bool has_room() const { return running_.size() < count_; }
  size_t running() const { return running_.size(); }
  // Errors are the system's; `input` is what its standard input holds.
  Status start(LaneId lane, Bytes input, Surroundings surroundings);
  // Adds what becomes readable when one of them ends.
  void watch(std::vector<os::WaitFd>& into) const;
  struct Ended {
    LaneId lane;
    os::ChildEnd end;
  };
  // Those that have ended since.
  std::vector<Ended> collect();
  // Ends them, with whatever they have started.
  void kill();

 private:
  struct Running {
    LaneId lane;
    os::Child child;
  };
  std::string command_;
  size_t count_;
  std::vector<std::string> inherited_;
  std::vector<Running> running_;
};

}  // namespace bobbin::cmd
