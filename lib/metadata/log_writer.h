// The writing steps of the metadata log, for the holder of the metadata lock. All block: they run in jobs. Inside this
// folder only; transactions.h is the way to write.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "home/cluster_dir.h"
#include "metadata/metadata_log.h"
#include "os/seam.h"

namespace bobbin::metadata {

class LogWriter {
 public:
  // `boot` names this boot of the machine; empty: unknown.
  LogWriter(os::Storage& storage, const home::ClusterDir& dir, std::string boot)
      : storage_(&storage), dir_(dir.metadata_log_dir()), durable_path_(dir.metadata_durable()), boot_(std::move(boot)),
        reader_(storage, dir.metadata_log_dir()) {}

  // Reads what is new and on the disk. Without the lock.
  Result<Update> read();
  // An update that was read cannot be taken in: it is read again.
  void take_back() { reader_.take_back(); }

  // Reads what is new, cuts a torn tail (what it cut is told in `cut`), and makes durable what another writer may have
  // left unsynced when it died. Then end() is where to go on.
  Result<Update> repair(std::optional<Error>& cut);
  const Reader::End& end() const { return reader_.end(); }

  // Appends at end() and syncs. If that fails the log is cut back to end(), as far as that can be done. Errc::damaged:
  // the file is shorter than it was a moment ago; nothing was written.
  Status append(const Encoded& transaction);

  // Ends the segment: a snapshot of `image`, which is the log up to end(), a new segment, and the old files go.
  Status roll(const Image& image, Timestamp now);

 private:
  Status cut_tail(std::optional<Error>& cut);
  Status write_again(uint64_t from);
  Result<std::string> keep_tail();
  Status write_and_sync(os::File& file, const Encoded& transaction);
  Status remove_before(Offset end);
  bool is_durable();
  void note_durable();

  os::Storage* storage_;
  std::string dir_;
  std::string durable_path_;
  std::string boot_;
  Reader reader_;
  // What this writer has synced itself.
  std::string synced_segment_;
  uint64_t synced_bytes_ = 0;
};

}  // namespace bobbin::metadata
