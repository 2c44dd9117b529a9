// MetadataWatch: whether the metadata log grew, or its folder went. The kernel tells (inotify): the folder, of new files; the
// newest file, of new bytes. Nothing is looked at again and again.
//
// Owned and used by the deciding thread.
#pragma once

#include <string>

#include "base/result.h"
#include "os/seam.h"
#include "os/watch.h"

namespace bobbin::broker {

class MetadataWatch {
 public:
  // `dir` is the folder of the metadata log.
  MetadataWatch(os::Watch& watch, os::Storage& storage, std::string dir)
      : watch_(watch), storage_(storage), dir_(std::move(dir)) {}

  // The folder is there.
  Status begin();
  // Whether the log is to be looked at.
  bool take(const os::Watch::Change& change);
  // The newest file is the one that grows. To be called where it may be another one than before.
  void follow_newest();
  // The folder was removed or moved away.
  bool is_gone() const { return is_gone_; }

 private:
  os::Watch& watch_;
  os::Storage& storage_;
  std::string dir_;
  std::string newest_;  // the name of the file that is watched
  int folder_id_ = 0, file_id_ = 0;
  bool is_gone_ = false;
};

}  // namespace bobbin::broker
