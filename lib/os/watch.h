// Watch: is told by the kernel (inotify) when a file or a directory changes, instead of looking again and again.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace bobbin::os {

class Watch {
 public:
  struct Change {
    int id = 0;             // what file() or directory() returned; 0 with `lost`
    bool modified = false;  // a file: its bytes or its size
    bool created = false;   // a directory: `name` appeared in it (made, or moved in)
    bool gone = false;      // the watched thing itself was deleted, moved away or unmounted; no more of it is told
    bool lost = false;      // the kernel's queue was full: look at everything
    std::string name;
  };

  static Result<Watch> open();
  // The id of the watch. Errc::not_found.
  Result<int> file(const std::string& path);
  Result<int> directory(const std::string& path);
  void forget(int id);

  int fd() const { return fd_.value(); }  // readable: changes wait
  std::vector<Change> changes();          // all that wait, never blocks

 private:
  explicit Watch(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace bobbin::os
