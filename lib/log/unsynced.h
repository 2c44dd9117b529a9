// Unsynced: what of a log a power cut may still take: the records above durable_end(), files beside the segments, and names.
// A flush makes all of it durable at once, as work that a job does: begin() hands it out, done() hears how it ended.
//
//   files     indexes, snapshots, partition.metadata that were written since the last flush, and are held open until the next
//   names     of files in the log's directory; of the directory in the one above
//   records   which segments' bytes are synced, the segments know themselves
//
// Never more than one flush at a time. What comes while it is under way waits for the next one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/epoch_file.h"
#include "log/segments.h"

namespace bobbin::log {

// `work` syncs everything below `end`; it may run on any thread, once. Hand its Status to flush_done().
struct FlushWork {
  std::function<Status()> work;
  Offset end;
};

class Unsynced {
 public:
  Unsynced(Files& files, std::string dir) : files_(&files), dir_(std::move(dir)) {}

  // From now on files come from there.
  void use(Files& files) { files_ = &files; }

  // Below it records and the names that lead to them are on the disk.
  Offset durable_end() const { return durable_end_; }
  void set_durable_end(Offset end) { durable_end_ = end; }
  bool is_dirty(const Segments& segments, const EpochFile& epochs) const;
  bool has_files() const { return !written_.empty(); }

  // Makes the directory, if it is not there; a zero id is not written into it.
  Status make_dir(const TopicId& topic);
  void found_dir() { dir_exists_ = true; }
  bool has_dir() const { return dir_exists_; }
  // A whole file beside the segments. A crash may leave it cut short; its readers know.
  Status write(const std::string& name, Bytes contents);
  // The file of epochs, without waiting for a checkpoint. If it cannot be written now, one writes it. Synced with the next
  // flush if that is worth it; else one writes it once more.
  void write_epochs(EpochFile& epochs, bool is_synced);
  // Files that somebody else wrote to, to be synced: add them here.
  std::vector<std::shared_ptr<os::File>>& written() { return written_; }
  // The directory has a name that is not on the disk; the one of a segment that was just begun.
  void note_name() { names_ = true; }
  void note_segment();
  // Every name is on the disk, as far as anybody knows.
  void trust_names() { newest_name_durable_ = true; }
  // Before a segment is begun: of the segments' names only the newest may be lost in a power cut, or a log could come back
  // without its beginning. A flush has seen to that long ago, unless segments are small and nobody asks for flushes: then
  // this blocks.
  Status sync_names_of_segments();

  // One at a time: not again before done(). Takes what is due of `epochs` as well.
  FlushWork begin(Segments& segments, EpochFile& epochs);
  // The same for a log that failed: nothing is synced, and the work says why.
  FlushWork begin_nothing(const Segments& segments, const Error& why);
  // Errc::busy (no descriptor was free) takes everything back for the next flush. The answer is an error where the log has to
  // give up: what the work said, or that a segment's file is not at its name any more, so that nothing of it is on the disk.
  Status done(Offset end, const Status& status, Segments& segments, EpochFile& epochs);
  bool is_in_flight() const { return flush_.has_value(); }
  // Somebody took a file that was written to.
  bool has_lost_a_name() const { return has_lost_a_name_; }

 private:
  struct Flush {
    Offset end;
    Offset newest_name;                                 // the segment whose name it makes durable, or none
    std::vector<std::pair<Offset, uint64_t>> segments;  // base and bytes
    // What it took over.
    std::vector<std::shared_ptr<os::File>> files;
    bool names = false, parent = false, epochs = false;
    // What the work tells besides its status.
    std::shared_ptr<EpochFile::Outcome> epochs_outcome =
        std::make_shared<EpochFile::Outcome>(EpochFile::Outcome::not_written);
    std::shared_ptr<std::vector<std::string>> nameless =
        std::make_shared<std::vector<std::string>>();  // paths of segments
  };
  // What the work needs: nothing of it is shared with the log.
  struct Work;
  Status add_segments(Segments& segments, Work& to);
  std::vector<std::string> dirs_of(const Flush& flush) const;
  Status check_names(const Flush& flush, const Segments& segments);
  void take_back(Flush flush, EpochFile& epochs);

  Files* files_;
  std::string dir_;
  bool dir_exists_ = false;
  Offset durable_end_{0};
  std::vector<std::shared_ptr<os::File>> written_;
  bool names_ = false;
  bool parent_ = false;
  bool newest_name_durable_ = false;
  bool has_lost_a_name_ = false;
  std::optional<Flush> flush_;
};

}  // namespace bobbin::log
