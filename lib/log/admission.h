// Admission: judges one batch that somebody wants appended, in Kafka's order (protocol.md 2.6, 2.12), and prepares
// what will be stored. Pure: looks at the bytes, the config and the time it is given; sequences are not its business.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "log/log_config.h"
#include "record/batch.h"

namespace bobbin::log {

struct RecordError {
  int32_t index = 0;
  std::string message;
};

// A batch fit to be stored. Its header is a private copy (what a client shares with us may change under our eyes);
// the body is still where the client put it, unless the batch had to be rewritten.
class Admitted {
 public:
  explicit Admitted(Bytes batch) : batch_(batch) { copy_header(); }
  explicit Admitted(std::string rewritten) : owned_(std::move(rewritten)), is_rewritten_(true) { copy_header(); }

  Bytes header() const { return Bytes(header_.data(), header_.size()); }
  Bytes body() const { return whole().substr(record::batch_header_bytes); }
  size_t bytes() const { return whole().size(); }
  record::BatchView view() const { return record::BatchView(header()); }  // of the header only

  void stamp(Offset base, LeaderEpoch epoch);
  // Type and largest timestamp; the checksum is made anew if that changes anything.
  void set_time(record::TimestampType type, Timestamp max);

 private:
  void copy_header() { std::memcpy(header_.data(), whole().data(), header_.size()); }
  Bytes whole() const { return is_rewritten_ ? Bytes(owned_) : batch_; }
  std::array<char, record::batch_header_bytes> header_;
  Bytes batch_;
  std::string owned_;
  bool is_rewritten_ = false;
};

struct Rules {
  const LogConfig& config;
  Timestamp now;
  bool internal = false;  // our own broker's batch: may be a control batch, times are as they are
};

// Errors are Kafka's; `record_errors`, if given, says which records are to blame.
Result<Admitted> admit(Bytes bytes, const Rules& rules, std::vector<RecordError>* record_errors);

}  // namespace bobbin::log
