// IndexFile: entries of one fixed size at the end of which more are added; the common half of the offset and the
// time index. New entries wait in memory until flush(); a lookup sees both. A lookup reads a block or two where the
// entry should lie between the first and the last one, which are known, so that its cost on a cold disk does not grow
// with the log. An index is a hint: nothing here is believed without a look into the log.
#pragma once

#include <optional>
#include <string>

#include "log/files.h"

namespace bobbin::log {

class IndexFile {
 public:
  IndexFile(Files& files, std::string path, size_t entry_bytes)
      : files_(&files), path_(std::move(path)), entry_bytes_(entry_bytes) {}

  // From now on files come from there.
  void use(Files& files) { files_ = &files; }

  // Reads the file's size. Errc::not_found, or damaged if it is no whole number of entries.
  Status load();
  // Makes the file if it is not there.
  Status create();
  // Writes what waits. Gives the file that was written, or was cut since the last time, if any (it must be synced before the
  // log may count on it: what was cut off told of batches that may be gone, and a power cut would bring it back).
  Result<std::shared_ptr<os::File>> flush();
  void note_unsynced() { unsynced_ = true; }  // as if it had been cut
  // Keeps the first `count` entries.
  Status truncate(uint64_t count);

  void add(Bytes entry);
  uint64_t count() const { return stored_ + waiting_.size() / entry_bytes_; }
  Result<std::string> entry(uint64_t i) const;
  // How many entries, from the first on, have a key of at most `most`. Keys do not descend and begin at about `least`
  // (nothing: that of the first entry); if they do after all, the answer is any number of entries.
  using Key = int64_t (*)(const char* entry);
  Result<uint64_t> count_up_to(int64_t most, Key key, std::optional<int64_t> least) const;

  const std::string& path() const { return path_; }
  void rename(std::string path) { path_ = std::move(path); }

 private:
  Status read(uint64_t first, uint64_t count, std::string& into) const;
  void forget_ends();

  Files* files_;
  std::string path_;
  size_t entry_bytes_;
  mutable std::string first_, last_;  // entries (the last of several), once they were needed
  uint64_t stored_ = 0;               // entries in the file
  bool unsynced_ = false;             // was cut since the last flush()
  std::string waiting_;               // entries not yet in the file
};

}  // namespace bobbin::log
