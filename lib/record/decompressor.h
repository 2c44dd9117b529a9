// Decompressor and Compressor: a codec's stream read, or written, piece by piece, so that nobody who only looks at it or
// passes it on has to hold it whole: what takes a megabyte on the wire may be gigabytes of the same byte. Those who want
// all of it at once have compression.h.
//
// Memory is a piece, the codec's window (zstd: as large as the frame asks for, up to a limit) or, of snappy, one block.
#pragma once

#include <memory>

#include "record/batch.h"

namespace bobbin::record {

struct StreamLimits {
  size_t out_bytes_max = SIZE_MAX;
  size_t window_bytes_max = size_t{128} << 20;  // what Java's clients accept of zstd
  // Refuses lz4 that Java's clients or librdkafka's cannot read, with the code that Kafka's broker gives:
  // unknown_server_error for blocks that lean on each other, invalid_record for a second frame.
  bool lz4_for_all = false;
};

class Decompressor {
 public:
  // `in` must outlive it.
  // Errc::unsupported_compression_type: a number that is no codec.
  static Result<std::unique_ptr<Decompressor>> open(Compression codec, Bytes in, const StreamLimits& limits);
  virtual ~Decompressor() = default;
  // The next piece, which lives until the next call; an empty one is the end. Afterwards, and after an error, no further call.
  // Errc::malformed, message_too_large: as decompress(); also a zstd window above the limit.
  Result<Bytes> next();
  size_t out_bytes() const { return out_bytes_; }  // so far
  bool has_failed() const { return has_failed_; }  // of two things that are malformed, whether it is the stream

 protected:
  Decompressor(Bytes in, const StreamLimits& limits) : in_(in), limits_(limits) {}
  virtual Result<Bytes> next_piece() = 0;  // empty only at the end
  size_t out_bytes_left() const { return limits_.out_bytes_max - out_bytes_; }

  Bytes in_;  // what is left of it
  StreamLimits limits_;

 private:
  size_t out_bytes_ = 0;
  bool has_failed_ = false;
};

class Compressor {
 public:
  // What comes out is what compress() makes, or as good.
  static Result<std::unique_ptr<Compressor>> open(Compression codec, size_t out_bytes_max);
  virtual ~Compressor() = default;
  // Errc::message_too_large: more than `out_bytes_max` come out.
  Status add(Bytes in);
  Result<std::string> finish();

 protected:
  explicit Compressor(size_t out_bytes_max) : out_bytes_max_(out_bytes_max) {}
  virtual Status write(Bytes in) = 0;  // appends to out_
  virtual Status end() = 0;

  std::string out_;

 private:
  Status check_size() const;
  size_t out_bytes_max_;
  std::string waiting_;  // small writes, together
};

}  // namespace bobbin::record
