// The seam: everything that a broker's deciding thread knows of the outside world comes through these interfaces.
// os/posix implements them with system calls; tests/sim implements them again with a seeded world in memory, so
// that the same broker code runs through crashes, full disks and lost syncs on one thread.
//
// Threads: a Storage and its Files may be used by the deciding thread and by the jobs it submitted, not by both on
// one File at once, except File::sync beside anything. A Clock may be asked by both.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"

namespace bobbin::os {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t mono_ms() = 0;  // never jumps; for waits
  virtual Timestamp wall() = 0;   // for records; may jump
};

class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t next() = 0;
};
Uuid random_uuid(Random&);  // version 4; its text never begins with '-'

// An open file. Closed by its end; a dirty file must be synced before that, or its write error is lost.
class File {
 public:
  virtual ~File() = default;
  // Reads up to into.size() bytes at `at`; fewer only at the end of the file. Does not wait while a NoWait lives.
  virtual Result<size_t> read(std::span<char> into, uint64_t at) = 0;
  // Writes all parts one after the other at `at`. On an error any prefix may have been written.
  virtual Status write(std::span<const Bytes> parts, uint64_t at) = 0;
  virtual Result<uint64_t> size() = 0;
  // From `at` up to there the file is known to be a hole, and reads as zeros; its size if nothing follows.
  virtual uint64_t hole_end(uint64_t at) { return at; }
  // It will be read soon: the disk may begin. A hint, which waits for nothing.
  virtual void will_need(uint64_t /* at */, uint64_t /* bytes */) {}
  virtual Status truncate(uint64_t size) = 0;
  // Returns when data and size are on the disk (fdatasync). Blocks: only in jobs and at start and end.
  virtual Status sync() = 0;
  // Whether `path` names this very file: false once somebody removed it, moved it, or put another one in its place.
  virtual Result<bool> is_at(const std::string& path) = 0;

  Status write(Bytes bytes, uint64_t at) { return write(std::span<const Bytes>(&bytes, 1), at); }
};

// A lock on a file that lives as long as this object or its process: the kernel lets go when the process dies,
// however it dies. (OFD lock; the file is never deleted.)
class Lock {
 public:
  virtual ~Lock() = default;
};

enum class Open {
  read,       // must exist
  write,      // must exist; reading too
  create,     // exists or not; reading too
  create_new  // must not exist (Errc::busy)
};

struct Stat {
  uint64_t size = 0;
  bool is_dir = false;    // also a symbolic link that leads to one
  Timestamp modified;     // wall clock
  bool is_link = false;   // what lies there is a symbolic link
  bool is_other = false;  // neither a file nor a directory: a FIFO, a socket, a device, a link to no directory
};

// The file system below one root. Paths are relative to nothing: they are as the caller says them. Files are made
// 0600, directories 0700. A name that leaves or enters a directory is durable only after sync_dir of that directory.
// Where something else lies than belongs there, a FIFO or a directory in place of a file, a file in place of a directory,
// each says Errc::misplaced, with what it is.
class Storage {
 public:
  virtual ~Storage() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Open how) = 0;
  virtual Result<Stat> stat(const std::string& path) = 0;                     // Errc::not_found
  virtual Result<std::vector<std::string>> list(const std::string& dir) = 0;  // names, sorted, without . and ..
  virtual Status make_dir(const std::string& path) = 0;                       // fine if it is there
  virtual Status rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual Status unlink(const std::string& path) = 0;                         // a file; Errc::not_found
  virtual Status remove_dir(const std::string& path) = 0;                     // empty
  virtual Status sync_dir(const std::string& path) = 0;
  // Takes the lock, or says Errc::busy. Creates the file.
  virtual Result<std::unique_ptr<Lock>> try_lock(const std::string& path) = 0;
  // Waits for it: only in jobs.
  virtual Result<std::unique_ptr<Lock>> lock(const std::string& path) = 0;
  // Whether somebody holds it, without touching it. A missing file: nobody.
  virtual bool is_locked(const std::string& path) = 0;
};

// Work that may block, done elsewhere and reported to the deciding thread. `work` runs once on a helper that shares
// nothing with the deciding thread but what it captured; `done` then runs on the deciding thread. Jobs may complete
// in any order.
class Jobs {
 public:
  virtual ~Jobs() = default;
  virtual void submit(std::function<void()> work, std::function<void()> done) = 0;
};

struct World {
  Clock& clock;
  Random& random;
  Storage& storage;
  Jobs& jobs;
};

// Whole small files. One that is larger than `bytes_max` is Errc::damaged before anything of it is read: nobody wrote that
// much, and a file with a hole in it says any size. write_whole_file writes `path`.tmp, syncs it, renames it, syncs the
// directory: old or new, never half.
inline constexpr uint64_t whole_file_bytes_max = 64 << 20;
Result<std::string> read_whole_file(Storage&, const std::string& path, uint64_t bytes_max = whole_file_bytes_max);
Status write_whole_file(Storage&, const std::string& path, Bytes contents);
// Removes a directory and all below it, or what lies there instead. Of a symbolic link, the link alone: what it leads to may
// be anything. Blocks.
Status remove_tree(Storage&, const std::string& path);

}  // namespace bobbin::os
