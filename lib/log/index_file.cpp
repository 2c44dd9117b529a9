#include "log/index_file.h"

namespace bobbin::log {

namespace {
constexpr uint64_t block_entries = 256;  // few enough to be read at once
}

Status IndexFile::load() {
  stored_ = 0;
  waiting_.clear();
  BOBBIN_TRY_ASSIGN(file, files_.open(path_));
  BOBBIN_TRY_ASSIGN(size, file->size());
  if (size % entry_bytes_ != 0) return error(Errc::damaged, path_ + ": not a whole number of entries");
  stored_ = size / entry_bytes_;
  return {};
}

Status IndexFile::create() {
  stored_ = 0;
  waiting_.clear();
  BOBBIN_TRY_ASSIGN(file, files_.open(path_, os::Open::create));
  BOBBIN_TRY_ASSIGN(size, file->size());
  return size == 0 ? Status() : file->truncate(0);
}

Result<std::shared_ptr<os::File>> IndexFile::flush() {
  if (waiting_.empty()) return std::shared_ptr<os::File>();
  BOBBIN_TRY_ASSIGN(file, files_.open(path_, os::Open::create));
  BOBBIN_TRY(file->write(Bytes(waiting_), stored_ * entry_bytes_));
  stored_ += waiting_.size() / entry_bytes_;
  waiting_.clear();
  return file;
}

Status IndexFile::truncate(uint64_t count) {
  if (count >= this->count()) return {};
  if (count >= stored_) {
    waiting_.resize((count - stored_) * entry_bytes_);
    return {};
  }
  waiting_.clear();
  stored_ = count;
  BOBBIN_TRY_ASSIGN(file, files_.open(path_));
  return file->truncate(count * entry_bytes_);
}

Status IndexFile::read(uint64_t first, uint64_t count, std::string& into) const {
  into.resize(count * entry_bytes_);
  uint64_t from_file = first < stored_ ? std::min(count, stored_ - first) : 0;
  if (from_file > 0) {
    BOBBIN_TRY_ASSIGN(file, files_.open(path_));
    size_t bytes = from_file * entry_bytes_;
    BOBBIN_TRY_ASSIGN(got, file->read(std::span<char>(into.data(), bytes), first * entry_bytes_));
    if (got != bytes) return error(Errc::damaged, path_ + ": became shorter");
  }
  if (from_file < count) {
    uint64_t skip = first + from_file - stored_;
    std::memcpy(into.data() + from_file * entry_bytes_, waiting_.data() + skip * entry_bytes_,
                (count - from_file) * entry_bytes_);
  }
  return {};
}

Result<std::string> IndexFile::entry(uint64_t i) const {
  check(i < count(), "an index entry that there is");
  std::string out;
  BOBBIN_TRY(read(i, 1, out));
  return out;
}

Result<uint64_t> IndexFile::prefix(const std::function<bool(const char*)>& fits) const {
  uint64_t low = 0, high = count();
  std::string buffer;
  while (high - low > block_entries) {
    uint64_t middle = low + (high - low) / 2;
    BOBBIN_TRY(read(middle, 1, buffer));
    if (fits(buffer.data())) low = middle + 1;
    else high = middle;
  }
  BOBBIN_TRY(read(low, high - low, buffer));
  uint64_t left = 0, right = high - low;
  while (left < right) {
    uint64_t middle = left + (right - left) / 2;
    if (fits(buffer.data() + middle * entry_bytes_)) left = middle + 1;
    else right = middle;
  }
  return low + left;
}

}  // namespace bobbin::log
