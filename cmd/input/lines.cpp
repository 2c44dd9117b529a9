#include "cmd/input/lines.h"

#include <cstring>

#include "base/check.h"

namespace bobbin::cmd {

Lines::Lines(Framing framing) : framing_(std::move(framing)) {
  check(!framing_.delimiter.empty(), "a delimiter has a byte");
}

Lines::Lines(Framing framing, Bytes whole) : Lines(std::move(framing)) {
  data_ = whole;
  ended_ = true;
}

// Moves what is pending to the front and grows to at most one largest record and one read.
std::span<char> Lines::room() {
  size_t kept = data_.size() - at_;
  if (kept > 0 && at_ > 0) std::memmove(buffer_.data(), data_.data() + at_, kept);
  at_ = 0;
  if (buffer_.size() < kept + read_bytes_min)
    buffer_.resize(std::max(kept + read_bytes_min, std::min(kept * 2, framing_.record_bytes_max + 2 * read_bytes_min)));
  data_ = Bytes(buffer_.data(), kept);
  return std::span<char>(buffer_).subspan(kept);
}

void Lines::filled(size_t bytes) { data_ = Bytes(buffer_.data(), data_.size() + bytes); }

void Lines::end() { ended_ = true; }

Lines::Next Lines::next(Line& into) {
  switch (framing_.frame) {
    case Frame::line:
      return skipping_ ? skip_line(into) : next_line(into);
    case Frame::u32be:
      return skipping_ ? skip_sized(into) : next_sized(into);
    case Frame::whole:
      break;
  }
  return next_whole(into);
}

Lines::Next Lines::give(Line& into, size_t before, size_t bytes, size_t after) {
  into = Line{data_.substr(at_ + before, bytes), data_.substr(at_, before + bytes + after), ++number_, bytes, false};
  at_ += before + bytes + after;
  scanned_ = 0;
  return Next::record;
}

Lines::Next Lines::give_too_long(Line& into) {
  into = Line{{}, {}, ++number_, skipped_, true};
  skipping_ = false;
  skipped_ = 0;
  scanned_ = 0;
  return Next::record;
}

// Passes over bytes of a record that is too long.
void Lines::drop(size_t bytes) {
  if (spill_) spill_(data_.substr(at_, bytes));
  at_ += bytes;
}

// Where the delimiter begins, relative to at_; npos where there is none yet.
size_t Lines::find_delimiter() const {
  const std::string& d = framing_.delimiter;
  Bytes in = pending();
  const void* found = d.size() == 1 ? std::memchr(in.data() + scanned_, d[0], in.size() - scanned_)
                                    : memmem(in.data() + scanned_, in.size() - scanned_, d.data(), d.size());
  return found ? static_cast<size_t>(static_cast<const char*>(found) - in.data()) : std::string::npos;
}

Bytes Lines::whole_lines() const {
  if (skipping_) return {};
  Bytes in = pending();
  size_t last = in.rfind(framing_.delimiter[0]);
  return last == Bytes::npos ? Bytes{} : in.substr(0, last + 1);
}

void Lines::take(size_t bytes, uint64_t count) {
  at_ += bytes;
  number_ += count;
  scanned_ = 0;
}

Lines::Next Lines::next_line(Line& into) {
  size_t pending_bytes = data_.size() - at_;
  size_t found = pending_bytes > scanned_ ? find_delimiter() : std::string::npos;
  size_t length = found == std::string::npos ? pending_bytes : found;
  if (found == std::string::npos && !ended_) {
    size_t tail = framing_.delimiter.size() - 1;  // a delimiter may have begun
    scanned_ = pending_bytes > tail ? pending_bytes - tail : 0;
    if (scanned_ <= framing_.record_bytes_max) return Next::more;
    skipping_ = true;
    return skip_line(into);
  }
  if (found == std::string::npos && pending_bytes == 0) return Next::end;
  if (length > framing_.record_bytes_max) {
    skipping_ = true;
    return skip_line(into);
  }
  return give(into, 0, length, found == std::string::npos ? 0 : framing_.delimiter.size());
}

Lines::Next Lines::skip_line(Line& into) {
  size_t found = find_delimiter();
  if (found != std::string::npos) {
    skipped_ += found;
    drop(found + framing_.delimiter.size());
    return give_too_long(into);
  }
  size_t keep = ended_ ? 0 : std::min(data_.size() - at_, framing_.delimiter.size() - 1);
  skipped_ += data_.size() - at_ - keep;
  drop(data_.size() - at_ - keep);
  scanned_ = 0;
  return ended_ ? give_too_long(into) : Next::more;
}

Lines::Next Lines::next_sized(Line& into) {
  size_t pending_bytes = data_.size() - at_;
  if (pending_bytes == 0 && ended_) return Next::end;
  uint32_t length = pending_bytes >= 4 ? load_be<uint32_t>(data_.data() + at_) : 0;
  if (pending_bytes >= 4 && length > framing_.record_bytes_max) {
    drop(4);
    left_ = length;
    skipping_ = true;
    return skip_sized(into);
  }
  if (pending_bytes >= 4 && pending_bytes - 4 >= length) return give(into, 4, length, 0);
  if (!ended_) return Next::more;
  at_ = data_.size();
  return Next::torn;
}

Lines::Next Lines::skip_sized(Line& into) {
  size_t skip = static_cast<size_t>(std::min<uint64_t>(left_, data_.size() - at_));
  drop(skip);
  skipped_ += skip;
  left_ -= skip;
  if (left_ == 0) return give_too_long(into);
  if (!ended_) return Next::more;
  skipping_ = false;
  return Next::torn;
}

// An empty input is one empty record.
Lines::Next Lines::next_whole(Line& into) {
  if (ended_ && number_ > 0) return Next::end;
  size_t pending_bytes = data_.size() - at_;
  if (skipping_ || pending_bytes > framing_.record_bytes_max) {
    skipping_ = true;
    skipped_ += pending_bytes;
    drop(pending_bytes);
    return ended_ ? give_too_long(into) : Next::more;
  }
  return ended_ ? give(into, 0, pending_bytes, 0) : Next::more;
}

}  // namespace bobbin::cmd
