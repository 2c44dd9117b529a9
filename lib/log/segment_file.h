// SegmentFile: the bytes of a segment, in its .log file: added at the end, or taken back where that fails; cut; synced so far.
//
// Keeps nothing open: the file comes from Files when it is needed. One with unsynced bytes is held until the sync.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "log/files.h"

namespace bobbin::log {

class SegmentFile {
 public:
  SegmentFile(Files& files, std::string path) : files_(&files), path_(std::move(path)) {}

  // Makes it. Errc::damaged: one is there already, and not ours.
  Status create(Timestamp now);
  // One that exists. Nothing is read but its size. Errc::damaged: no segment is so large.
  Status adopt();
  // From now on files come from there.
  void use(Files& files) { files_ = &files; }

  const std::string& path() const { return path_; }
  uint64_t bytes() const { return bytes_; }
  Timestamp created() const { return created_; }
  Result<std::shared_ptr<os::File>> open() const;

  // Writes `parts` (together `bytes`) at the end. On an error the file is cut back to what it was; if even that fails, or it
  // was not for want of room, the error is io_error.
  Status append(std::span<const Bytes> parts, uint64_t bytes);
  // Cuts everything from `position` on. Not synced.
  Status truncate(uint64_t position);

  bool is_dirty() const { return synced_bytes_ < bytes_; }
  void note_synced(uint64_t bytes);
  // Stores what lies from `position` on once more, to be synced. A sync that failed in an earlier life may have left it in the
  // page cache as if it were written: no later sync would write it.
  Status store_again_from(uint64_t position);

 private:
  Status hold_open();

  Files* files_;
  std::string path_;
  uint64_t bytes_ = 0;
  uint64_t synced_bytes_ = 0;
  Timestamp created_;
  std::shared_ptr<os::File> dirty_file_;
};

}  // namespace bobbin::log
