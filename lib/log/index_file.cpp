#include "log/index_file.h"

namespace bobbin::log {

namespace {
constexpr uint64_t block_entries = 512;  // few enough to be read at once
}

Status IndexFile::load() {
  stored_ = 0;
  waiting_.clear();
  forget_ends();
  BOBBIN_TRY_ASSIGN(file, files_->open(path_));
  BOBBIN_TRY_ASSIGN(size, file->size());
  if (size % entry_bytes_ != 0) return error(Errc::damaged, path_ + ": not a whole number of entries");
  stored_ = size / entry_bytes_;
  return {};
}

Status IndexFile::create() {
  stored_ = 0;
  waiting_.clear();
  forget_ends();
  BOBBIN_TRY_ASSIGN(file, files_->open(path_, os::Open::create));
  BOBBIN_TRY_ASSIGN(size, file->size());
  if (size == 0) return {};
  unsynced_ = true;
  return file->truncate(0);
}

void IndexFile::add(Bytes entry) {
  waiting_.append(entry);
  if (!last_.empty()) last_ = entry;
}

Result<std::shared_ptr<os::File>> IndexFile::flush() {
  if (waiting_.empty() && !unsynced_) return std::shared_ptr<os::File>();
  BOBBIN_TRY_ASSIGN(file, files_->open(path_, os::Open::create));
  unsynced_ = false;
  if (!waiting_.empty()) BOBBIN_TRY(file->write(Bytes(waiting_), stored_ * entry_bytes_));
  stored_ += waiting_.size() / entry_bytes_;
  waiting_.clear();
  return file;
}

Status IndexFile::truncate(uint64_t count) {
  if (count >= this->count()) return {};
  forget_ends();
  if (count >= stored_) {
    waiting_.resize((count - stored_) * entry_bytes_);
    return {};
  }
  waiting_.clear();
  stored_ = count;
  unsynced_ = true;
  BOBBIN_TRY_ASSIGN(file, files_->open(path_));
  return file->truncate(count * entry_bytes_);
}

Status IndexFile::read(uint64_t first, uint64_t count, std::string& into) const {
  into.resize(count * entry_bytes_);
  uint64_t from_file = first < stored_ ? std::min(count, stored_ - first) : 0;
  if (from_file > 0) {
    BOBBIN_TRY_ASSIGN(file, files_->open(path_));
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

void IndexFile::forget_ends() {
  first_.clear();
  last_.clear();
}

Result<std::string> IndexFile::entry(uint64_t i) const {
  check(i < count(), "an index entry that there is");
  std::string other;
  std::string& found = i == 0 ? first_ : i + 1 == count() ? last_ : other;
  if (!found.empty()) return found;
  Status read_it = read(i, 1, found);
  if (read_it) return found;
  found.clear();
  return std::move(read_it).error();
}

Result<uint64_t> IndexFile::count_up_to(int64_t most, Key key, std::optional<int64_t> least) const {
  uint64_t low = 0, high = count();  // it lies between them
  std::string block;
  if (high > block_entries) {
    if (!least) {
      BOBBIN_TRY_ASSIGN(first, entry(0));
      least = key(first.data());
    }
    BOBBIN_TRY_ASSIGN(last, entry(high - 1));
    int64_t low_key = *least, high_key = key(last.data());
    if (most >= high_key) return high;
    if (most < low_key) return uint64_t{0};
    for (bool by_key = true; high - low > block_entries; by_key = !by_key) {
      // Every second guess is the middle, whatever the keys are like.
      double share = by_key && high_key > low_key ? (static_cast<double>(most) - static_cast<double>(low_key)) /
                                                        (static_cast<double>(high_key) - static_cast<double>(low_key))
                                                  : 0.5;
      auto guess = low + static_cast<uint64_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(high - low));
      uint64_t from = std::clamp(guess, low + block_entries / 2, high - block_entries / 2) - block_entries / 2;
      BOBBIN_TRY(read(from, block_entries, block));
      int64_t block_first = key(block.data()), block_last = key(block.data() + (block_entries - 1) * entry_bytes_);
      if (most < block_first) {
        high = from;
        high_key = block_first;
      } else if (most >= block_last) {
        low = from + block_entries;
        low_key = block_last;
      } else {
        low = from;
        high = from + block_entries;
      }
    }
  }
  BOBBIN_TRY(read(low, high - low, block));
  uint64_t left = 0, right = high - low;
  while (left < right) {
    uint64_t middle = left + (right - left) / 2;
    if (key(block.data() + middle * entry_bytes_) <= most) left = middle + 1;
    else right = middle;
  }
  return low + left;
}

}  // namespace bobbin::log
