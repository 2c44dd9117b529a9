// The input of produce: stdin, or files one after the other, as records. They are read when
// they are readable, so that waiting is the caller's business.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/input/lines.h"

namespace bobbin::cmd {

class Input {
 public:
  // No files: stdin. "-" is stdin too. Every file is opened at once: one that is not there is told before anything is sent.
  static Result<Input> open(std::vector<std::string> files, Framing framing);

  // Before the first next(): no record is longer than this. Where longer ones go, piece by piece, is said by `spill`.
  Status limit(size_t record_bytes_max, std::function<void(Bytes)> spill = {});

  enum class Next {
    record,
    dry,  // wait until fd() is readable, then read()
    end
  };
  // Errc::malformed: a file ends inside a record of --frame u32be; io_error.
  Result<Next> next(Line& into);
  // Whole lines that were read and not taken yet, with their delimiters (of one byte), for who takes many at once; they
  // are valid until the next call of anything here. And how many of them were taken. Between calls of next().
  Bytes whole_lines() const { return stopped_ && is_file_ ? Bytes{} : lines_->whole_lines(); }
  void take(size_t bytes, uint64_t count);
  int fd() const;
  // Of all inputs.
  std::vector<int> descriptors() const;
  // Reads what there is. Where nothing is, comes back within a moment.
  Status read();
  // Nothing more is read. What was read from a pipe still comes; of a file, nothing more.
  void stop();

  // "line 7", "record 7", or "app.log line 7": of the record that next() gave last.
  std::string place() const;
  std::string place(uint64_t number) const;
  // Counts over all files, so that one number names a record: place(number) finds the file again.
  uint64_t ordinal() const { return ordinal_; }
  uint64_t bytes_taken() const { return bytes_taken_; }

 private:
  struct Source {
    std::string name;                                                        // empty: stdin
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{nullptr, nullptr};  // null: stdin
    uint64_t first_ordinal = 0;
    int fd() const;
  };
  Input(std::vector<Source> sources, Framing framing) : sources_(std::move(sources)), framing_(std::move(framing)) {}
  Status begin();

  std::vector<Source> sources_;
  Framing framing_;
  std::function<void(Bytes)> spill_;
  size_t current_ = 0;
  bool is_file_ = false;  // else a pipe or alike, whose bytes nobody else has
  std::unique_ptr<Lines> lines_;
  uint64_t ordinal_ = 0;
  uint64_t bytes_taken_ = 0;
  bool stopped_ = false;
};

}  // namespace bobbin::cmd
