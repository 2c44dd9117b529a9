// The open files of many logs, few at a time: the least recently used is closed. Whoever writes holds its own
// pointer until the file is synced, because closing a dirty file would lose its write error.
// Deciding thread only; the files handed out may be synced by jobs.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "os/seam.h"

namespace bobbin::log {

class Files {
 public:
  explicit Files(os::Storage& storage, size_t open_max = 512) : storage_(storage), open_max_(open_max) {}

  // Always opened for reading and writing, so that one descriptor serves both. `how`: write (must exist),
  // create or create_new.
  Result<std::shared_ptr<os::File>> open(const std::string& path, os::Open how = os::Open::write);
  // The name was removed or given to another file.
  void forget(const std::string& path);
  void forget_below(const std::string& dir);  // every file in it

  os::Storage& storage() { return storage_; }
  size_t open_count() const { return by_path_.size(); }

 private:
  struct Entry {
    std::string path;
    std::shared_ptr<os::File> file;
  };
  os::Storage& storage_;
  size_t open_max_;
  std::list<Entry> recent_;  // most recent first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_path_;
};

}  // namespace bobbin::log
