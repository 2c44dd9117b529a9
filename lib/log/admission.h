// Admission: judges one batch that somebody wants appended, in Kafka's order (UnifiedLog.analyzeAndValidateRecords, then
// LogValidator), and prepares what will be stored. Pure: looks at the bytes, the config and the time it is given; sequences
// are not its business. In three steps, of which the second may take long:
//
//   Inspection::begin   the header, the length, the checksum                        cheap
//   run                 the records: decompressed, parsed, judged, and compressed   as long as they are; on any thread
//                       anew where the topic wants another codec
//   admit               the batch fit to be stored                                  cheap
//
// Compressed records are streamed: what is held is the batch and what it becomes, never its records.
//
// Of n records the offset deltas are 0, 1 ... n-1 in all that is stored: others would name offsets that the batch does not
// have, or one twice, and readers pass over those. Compressed records are renumbered, as Kafka does for the sake of old
// clients. Others are refused: Kafka stores them as they are, but no client ever wrote them so.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "log/log_config.h"
#include "record/batch.h"
#include "record/validate.h"

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
  LogConfig config;
  Timestamp now;
  bool internal = false;  // our own broker's batch: may be a control batch, times are as they are
};

class Inspection {
 public:
  // `bytes` must hold one batch and outlive the Inspection. Errors are Kafka's.
  static Result<Inspection> begin(Bytes bytes, Rules rules);

  // Whether run() decompresses or compresses: then it takes as long as the records are, however short the batch.
  bool is_long() const { return is_compressed() || codec() != batch().compression(); }
  // Of one batch: more than that no consumer would take either.
  static constexpr size_t decompressed_bytes_max = 256u << 20;

  // Looks at the records. Errors are Kafka's; message_too_large also where they would become more than `limits` allow: may be
  // called again with others. bad_records() says which are to blame.
  Status run(const record::StreamLimits& limits = {.out_bytes_max = decompressed_bytes_max});
  const std::vector<RecordError>& bad_records() const { return bad_records_; }
  // After run(): what was decompressed, and what is held of it.
  size_t decompressed_bytes() const { return records_.records_bytes; }
  size_t held_bytes() const { return rewritten_ ? rewritten_->size() : 0; }

  // Once, after run() went well. `now` is the time of appending.
  Admitted admit(Timestamp now) &&;

 private:
  Inspection(Bytes only, Rules rules) : bytes_(only), rules_(std::move(rules)) {}
  record::BatchView batch() const { return record::BatchView(bytes_); }
  bool is_compressed() const { return batch().compression() != record::Compression::none; }
  record::Compression codec() const { return rules_.config.compression.value_or(batch().compression()); }
  Error blame(Errc code, int32_t index, std::string why);
  // All of them, up to a limit.
  Error blame(Errc code, const record::StreamLimits&, std::string why, const record::IsWrong& is_wrong);
  Status check_times(const record::StreamLimits&);
  Status check_records(const record::StreamLimits&);

  Bytes bytes_;
  Rules rules_;
  record::Summary records_;
  std::optional<std::string> rewritten_;
  std::vector<RecordError> bad_records_;
};

}  // namespace bobbin::log
