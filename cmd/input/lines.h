// Input as records: a stream of bytes is cut where the framing says, byte for byte. Memory stays within the largest
// record, however long a line is: what is longer is skipped while it is counted.
//
// Either the bytes are pushed in as they arrive,
//   Lines lines(framing);
//   std::span<char> room = lines.room();  read into it;  lines.filled(n);  ...  lines.end();
// or they lie in memory as a whole (a mapped file) and are not copied:
//   Lines lines(framing, bytes);
// and after each step the records that are complete are taken:
//   while (lines.next(line) == Lines::Next::record) ...
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace bobbin::cmd {

enum class Frame {
  line,   // each record is ended by the delimiter; the last may go without
  u32be,  // each record follows its length in 4 bytes, big-endian
  whole   // the whole input is one record
};

struct Framing {
  Frame frame = Frame::line;
  std::string delimiter = "\n";  // of Frame::line; not empty
  size_t record_bytes_max = 1048576;
};

struct Line {
  Bytes bytes;            // without delimiter or length; valid until the next call of room(), filled() or next()
  Bytes framed;           // with them, as it lay in the input
  uint64_t number = 0;    // from 1
  uint64_t length = 0;    // in bytes; larger than `bytes` if it was too long
  bool too_long = false;  // over record_bytes_max: `bytes` is empty
};

class Lines {
 public:
  explicit Lines(Framing framing);
  Lines(Framing framing, Bytes whole);

  // At least read_bytes_min bytes to read into. Only while next() says `more`.
  std::span<char> room();
  void filled(size_t bytes);
  void end();  // no more will come

  enum class Next {
    record,
    more,  // input is needed
    end,   // all was taken
    torn   // the input ended inside a record of Frame::u32be; said once, then `end`
  };
  Next next(Line& into);

  // Frame::line with a delimiter of one byte: all whole lines that are here, with their delimiters; and that the first
  // `count` of them, so many bytes, were taken. Between calls of next().
  Bytes whole_lines() const;
  void take(size_t bytes, uint64_t count);

  // Where the bytes of a record that is too long go, as it lay in the input, piece by piece. Otherwise they are lost.
  void spill_into(std::function<void(Bytes)> spill) { spill_ = std::move(spill); }

  uint64_t count() const { return number_; }  // records so far

  static constexpr size_t read_bytes_min = 256 * 1024;

 private:
  Next next_line(Line& into);
  Next next_sized(Line& into);
  Next next_whole(Line& into);
  size_t find_delimiter() const;
  Next skip_line(Line& into);
  Next skip_sized(Line& into);
  Next give(Line& into, size_t before, size_t bytes, size_t after);
  Next give_too_long(Line& into);
  void drop(size_t bytes);
  Bytes pending() const { return data_.substr(at_); }

  Framing framing_;
  std::function<void(Bytes)> spill_;
  std::vector<char> buffer_;
  Bytes data_;          // what is filled: within buffer_, or the caller's whole
  size_t at_ = 0;       // the first byte that was not taken
  size_t scanned_ = 0;  // bytes after at_ known to hold no delimiter
  uint64_t number_ = 0;
  uint64_t skipped_ = 0;  // bytes of a record that is too long, so far
  uint64_t left_ = 0;     // of a sized one
  bool skipping_ = false;
  bool ended_ = false;
};

}  // namespace bobbin::cmd
