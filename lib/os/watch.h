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
    bool removed = false;   // a directory: `name` was removed from it (not: moved away)
    bool gone = false;      // the watched thing itself was deleted or moved away; no more of it is told
    bool lost = false;      // the kernel's queue was full: look at everything
    std::string name;
  };

  static Result<Watch> open();
  // The id of the watch, from 1. Errc::not_found.
  Result<int> file(const std::string& path);
  Result<int> directory(const std::string& path);
  void forget(int id);

  int fd() const { return fd_.value(); }  // readable: changes wait
  std::vector<Change> changes();          // all that wait, never blocks

 private:
  // A file that somebody holds open does not tell of its own end, nor does a directory with such a file in it: the
  // directory above tells that the name has gone.
  struct Entry {
    int id;
    bool is_dir;
    int own;     // inotify's numbers; two entries may share one
    int parent;  // -1: the root directory
    std::string name;
  };

  explicit Watch(Fd fd) : fd_(std::move(fd)) {}
  Result<int> add(const std::string& path, bool is_dir);
  void tell(int wd, unsigned mask, const std::string& name, std::vector<Change>& out);

  Fd fd_;
  int last_id_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace bobbin::os
