#include "log/segment_file.h"

namespace bobbin::log {

namespace {
constexpr uint64_t segment_bytes_most = INT32_MAX;  // Kafka's positions, and so ours, are int32
constexpr uint64_t rewrite_window_bytes = 256 * 1024;
}  // namespace

Status SegmentFile::create(Timestamp now) {
  BOBBIN_TRY_ASSIGN(file, files_->open(path_, os::Open::create));
  BOBBIN_TRY_ASSIGN(size, file->size());
  if (size != 0) return error(Errc::damaged, path_ + ": there already, and not ours");
  created_ = now;
  return {};
}

Status SegmentFile::adopt() {
  BOBBIN_TRY_ASSIGN(stat, files_->storage().stat(path_));
  if (stat.size > segment_bytes_most)
    return error(Errc::damaged, path_ + " is damaged: it has " + std::to_string(stat.size) +
                                    " bytes, where a segment has at most " + std::to_string(segment_bytes_most) +
                                    "; restore it from a copy");
  bytes_ = stat.size;
  synced_bytes_ = stat.size;
  created_ = stat.modified;
  return {};
}

Result<std::shared_ptr<os::File>> SegmentFile::open() const {
  if (dirty_file_) return dirty_file_;
  return files_->open(path_);
}

Status SegmentFile::hold_open() {
  if (dirty_file_) return {};
  BOBBIN_TRY_ASSIGN(opened, files_->open(path_));
  dirty_file_ = opened;
  return {};
}

Status SegmentFile::append(std::span<const Bytes> parts, uint64_t bytes) {
  BOBBIN_TRY(hold_open());
  if (Status written = dirty_file_->write(parts, bytes_); !written) {
    Error why = std::move(written).error().in(path_);
    // Where nothing may be written, nothing can be taken back; then nothing was written.
    auto size = dirty_file_->size();
    bool is_as_it_was = size && *size == bytes_;
    if (Status cut = is_as_it_was ? Status() : dirty_file_->truncate(bytes_); !cut)
      return error(Errc::io_error, why.message + "; taking back what was written failed too: " + cut.error().message);
    if (!is_write_refused(why.code)) why.code = Errc::io_error;
    return why;
  }
  bytes_ += bytes;
  return {};
}

Status SegmentFile::truncate(uint64_t position) {
  BOBBIN_TRY_ASSIGN(log, open());
  BOBBIN_TRY(log->truncate(position));
  bytes_ = position;
  synced_bytes_ = std::min(synced_bytes_, position);
  return {};
}

void SegmentFile::note_synced(uint64_t bytes) {
  synced_bytes_ = std::max(synced_bytes_, bytes);
  if (!is_dirty()) dirty_file_.reset();
}

Status SegmentFile::store_again_from(uint64_t position) {
  BOBBIN_TRY_ASSIGN(log, open());
  std::string buffer;
  for (uint64_t at = position; at < bytes_; at += buffer.size()) {
    buffer.resize(std::min(rewrite_window_bytes, bytes_ - at));
    BOBBIN_TRY_ASSIGN(got, log->read(std::span<char>(buffer.data(), buffer.size()), at));
    if (got != buffer.size()) return error(Errc::io_error, path_ + ": became shorter");
    BOBBIN_TRY(log->write(Bytes(buffer), at));
  }
  synced_bytes_ = std::min(synced_bytes_, position);
  return is_dirty() ? hold_open() : Status();
}

}  // namespace bobbin::log
