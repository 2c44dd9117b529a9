// The open files of many logs, few at a time: the least recently used is closed. Whoever writes holds its own
// pointer until the file is synced, because closing a dirty file would lose its write error. So the descriptors of a
// process bound how many logs can wait for a sync: has_room() says when no further one should begin.
// One thread at a time: the deciding one's, and one of its own for each job that opens files. What was handed out may be
// synced, and let go, by jobs.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "os/seam.h"

namespace bobbin::log {

inline constexpr std::string_view no_room = "the logs that wait for the disk hold all descriptors (raise `ulimit -n`)";

class Files {
 public:
  // Keeps `open_max` files open that nobody holds. With more than `alive_max` in all there is no room.
  explicit Files(os::Storage& storage, size_t open_max = 512, size_t alive_max = SIZE_MAX)
      : storage_(storage), open_max_(open_max), alive_max_(alive_max) {}

  Files(const Files&) = delete;
  // For a job, which may use it on any thread. Its descriptors count here as well.
  Files for_job() const { return Files(storage_, job_open_max, alive_max_, alive_); }

  // Always opened for reading and writing, so that one descriptor serves both. `how`: write (must exist),
  // create or create_new.
  Result<std::shared_ptr<os::File>> open(const std::string& path, os::Open how = os::Open::write);
  // One that is written once, held until it is synced and not asked for again.
  Result<std::shared_ptr<os::File>> open_unkept(const std::string& path, os::Open how);
  // Whether a log that has nothing to sync may begin to. Closes what nobody holds, if that is what it takes.
  bool has_room();
  // Closes what nobody holds.
  void close_idle();
  // Whether there was none since the last call.
  bool take_shortage() { return std::exchange(was_short_, false); }
  // The name was removed or given to another file.
  void forget(const std::string& path);
  void forget_below(const std::string& dir);  // every file in it

  os::Storage& storage() { return storage_; }
  size_t open_count() const { return by_path_.size(); }
  size_t alive_count() const { return *alive_; }

 private:
  static constexpr size_t job_open_max = 16;
  Files(os::Storage& storage, size_t open_max, size_t alive_max, std::shared_ptr<std::atomic<size_t>> alive)
      : storage_(storage), open_max_(open_max), alive_max_(alive_max), alive_(std::move(alive)) {}
  void close_oldest();
  struct Entry {
    std::string path;
    std::shared_ptr<os::File> file;
  };
  os::Storage& storage_;
  size_t open_max_;
  size_t alive_max_;
  std::shared_ptr<std::atomic<size_t>> alive_ =
      std::make_shared<std::atomic<size_t>>(0);  // descriptors, whoever holds them
  bool was_short_ = false;
  std::list<Entry> recent_;  // most recent first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_path_;
};

}  // namespace bobbin::log
