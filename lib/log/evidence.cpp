#include "log/evidence.h"

#include <algorithm>

#include "log/checkpoints.h"
#include "log/epochs.h"
#include "log/offset_index.h"
#include "log/producers.h"
#include "log/segment.h"
#include "log/time_index.h"
#include "record/batch.h"

namespace bobbin::log {

namespace {

class Finding {
 public:
  Finding(Files& files, const std::string& dir, const OpenHint& hint) : files_(files), dir_(dir), hint_(hint) {}

  Status look_at_snapshots(const std::vector<std::string>& names);
  Status look_at_indexes(const std::vector<std::string>& names);
  Status look_at_epochs();
  // What no log can have tells nothing.
  void tell_end(Offset end) {
    if (end <= record::log_end_max) found_.end = std::max(found_.end, end);
  }
  const Evidence& found() const { return found_; }

 private:
  std::string path(const std::string& name) const { return dir_ + "/" + name; }

  Files& files_;
  const std::string& dir_;
  const OpenHint& hint_;
  Evidence found_;
};

Status Finding::look_at_snapshots(const std::vector<std::string>& names) {
  std::optional<Offset> newest;
  for (const std::string& name : names)
    if (auto at = parse_offset_name(name, ".snapshot")) newest = std::max(newest.value_or(*at), *at);
  if (!newest || *newest <= found_.end) return {};
  auto bytes = os::read_whole_file(files_.storage(), path(offset_name(*newest, ".snapshot")));
  if (bytes && Producers::decode_snapshot(*bytes)) tell_end(*newest);
  return {};
}

// Entries that were damaged, or that are another file's, hardly go on from those before them: both numbers ascend, there is
// one at least with each batch that is larger than the distance of two, and records take room, compressed as they may be.
bool goes_on(const std::optional<IndexEntry>& before, const IndexEntry& last, Offset base) {
  constexpr uint64_t apart_max = 64 << 20;  // a batch, and what lies between entries
  constexpr uint64_t records_a_byte_max = 16;
  const uint64_t from = before ? before->position : 0;
  const int64_t records = last.last_offset - (before ? before->last_offset : base);
  if (last.position <= from || last.position - from > apart_max || records < 0) return false;
  return static_cast<uint64_t>(records) <= records_a_byte_max * (last.position - from);
}

// An entry that was damaged points to the wrong place or tells of a wrong offset; hardly both behind the end of the file.
Status Finding::look_at_indexes(const std::vector<std::string>& names) {
  std::optional<Offset> base;
  for (const std::string& name : names)
    if (auto at = parse_offset_name(name, ".index")) base = std::max(base.value_or(*at), *at);
  if (!base) return {};
  auto log = files_.storage().stat(path(offset_name(*base, ".log")));
  if (!log && log.error().code != Errc::not_found) return std::move(log).error();
  uint64_t bytes = log ? log->size : 0;
  if (!log) tell_end(*base);  // it was begun here
  OffsetIndex offsets(files_, path(offset_name(*base, ".index")), *base);
  if (offsets.file().load()) {
    BOBBIN_TRY_ASSIGN(last, offsets.last());
    if (last && last->position > 0 && last->position >= bytes) {
      BOBBIN_TRY_ASSIGN(before, offsets.floor(last->last_offset - 1));
      if (goes_on(before, *last, *base)) tell_end(last->last_offset + 1);
    }
  }
  TimeIndex times(files_, path(offset_name(*base, ".timeindex")), *base);
  if (bytes == 0 && times.file().load()) {
    BOBBIN_TRY_ASSIGN(last, times.last());
    bool is_padding = last && last->offset == *base && last->timestamp == Timestamp(0);
    if (last && !is_padding && last->offset >= *base) tell_end(last->offset + 1);
  }
  return {};
}

Status Finding::look_at_epochs() {
  auto bytes = os::read_whole_file(files_.storage(), path(std::string(leader_epoch_file)));
  auto epochs = bytes ? Epochs::parse(*bytes) : Result<Epochs>(bytes.error());
  if (!epochs || epochs->entries().empty()) return {};
  found_.start = std::max(hint_.log_start, epochs->entries().front().start);
  // The first one is moved along with a log that retention emptied.
  if (hint_.clean_shutdown) tell_end(epochs->entries().back().start);
  return {};
}

}  // namespace

Result<Evidence> find_evidence(Files& files, const std::string& dir, const std::vector<std::string>& names,
                               const OpenHint& hint) {
  Finding finding(files, dir, hint);
  finding.tell_end(hint.synced_end());
  const bool no_power_cut = hint.clean_shutdown || hint.same_boot;
  if (no_power_cut || finding.found().end > hint.log_start) BOBBIN_TRY(finding.look_at_epochs());
  if (!no_power_cut) return finding.found();
  BOBBIN_TRY(finding.look_at_snapshots(names));
  BOBBIN_TRY(finding.look_at_indexes(names));
  return finding.found();
}

}  // namespace bobbin::log
