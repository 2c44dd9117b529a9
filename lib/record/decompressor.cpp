#include "record/decompressor.h"

#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <bit>

#include "record/compression.h"
#include "record/xerial.h"

namespace bobbin::record {
namespace {

constexpr size_t piece_bytes = 128 << 10;
constexpr int gzip_window_bits = 15 + 16;  // 16: with gzip's header, and no other

Error not_a_stream(Compression codec) {
  return error(Errc::malformed,
               "compressed records are no " + std::string(to_string(codec)) + " stream, or it is cut short");
}

Error too_large(size_t bytes_max) {
  return error(Errc::message_too_large,
               "records would take more than " + std::to_string(bytes_max) + " bytes when decompressed");
}

Error out_of_memory() { return error(Errc::unknown_server_error, "no memory for a codec"); }

class Plain final : public Decompressor {
 public:
  using Decompressor::Decompressor;

 private:
  Result<Bytes> next_piece() override { return std::exchange(in_, Bytes()); }
};

class Gzip final : public Decompressor {
 public:
  Gzip(Bytes in, const StreamLimits& limits)
      : Decompressor(in, limits), is_ready_(inflateInit2(&stream_, gzip_window_bits) == Z_OK) {}
  ~Gzip() override {
    if (is_ready_) inflateEnd(&stream_);
  }
  bool is_ready() const { return is_ready_; }

 private:
  // Members may follow one another.
  Result<Bytes> next_piece() override {
    stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());
    stream_.avail_out = static_cast<uInt>(piece_.size());
    while (!ended_ && stream_.avail_out > 0) {
      const auto offered = static_cast<uInt>(std::min(in_.size(), size_t{1} << 30));
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in_.data()));  // only read
      stream_.avail_in = offered;
      const uInt room = stream_.avail_out;
      int result = inflate(&stream_, Z_NO_FLUSH);
      in_.remove_prefix(offered - stream_.avail_in);
      if (result == Z_STREAM_END) {
        ended_ = in_.empty();
        inflateReset(&stream_);
      } else if ((result != Z_OK && result != Z_BUF_ERROR) ||
                 (offered == stream_.avail_in && room == stream_.avail_out)) {
        return not_a_stream(Compression::gzip);
      }
    }
    return Bytes(piece_).substr(0, piece_.size() - stream_.avail_out);
  }

  z_stream stream_{};
  std::string piece_ = std::string(piece_bytes, '\0');
  bool is_ready_;
  bool ended_ = false;
};

class Snappy final : public Decompressor {
 public:
  Snappy(Bytes in, const StreamLimits& limits) : Decompressor(in, limits), is_framed_(in.starts_with(xerial_magic)) {}

 private:
  Result<Bytes> next_piece() override {
    if (!is_framed_) return std::exchange(begun_, true) ? Result<Bytes>(Bytes()) : unpacked(in_);
    for (;;) {
      BOBBIN_TRY_ASSIGN(block, next_xerial_block(in_));
      if (!block) return Bytes();
      BOBBIN_TRY_ASSIGN(piece, unpacked(*block));
      if (!piece.empty()) return std::move(piece);
    }
  }

  Result<Bytes> unpacked(Bytes block) {
    BOBBIN_TRY_ASSIGN(size, snappy_block_size(block));
    if (size > out_bytes_left()) return too_large(limits_.out_bytes_max);
    piece_.resize(size);
    if (!snappy::RawUncompress(block.data(), block.size(), piece_.data())) return not_snappy();
    return Bytes(piece_);
  }

  bool is_framed_;
  bool begun_ = false;
  std::string piece_;
};

class Lz4 final : public Decompressor {
 public:
  Lz4(Bytes in, const StreamLimits& limits) : Decompressor(in, limits) {
    LZ4F_createDecompressionContext(&context_, LZ4F_VERSION);
  }
  ~Lz4() override { LZ4F_freeDecompressionContext(context_); }
  bool is_ready() const { return context_ != nullptr; }

 private:
  Result<Bytes> next_piece() override {
    if (limits_.lz4_for_all && !began_) BOBBIN_TRY(check_head());
    began_ = true;
    size_t used = 0;
    while (!ended_ && used < piece_.size()) {
      size_t written = piece_.size() - used, read = in_.size();
      size_t result = LZ4F_decompress(context_, piece_.data() + used, &written, in_.data(), &read, nullptr);
      if (LZ4F_isError(result)) return not_a_stream(Compression::lz4);
      in_.remove_prefix(read);
      used += written;
      if (result == 0) {
        if (limits_.lz4_for_all && !in_.empty())
          return error(Errc::invalid_record, "lz4 in more than one frame: many clients read the first only");
        ended_ = in_.empty();
      } else if (read == 0 && written == 0) {
        return not_a_stream(Compression::lz4);
      }
    }
    return Bytes(piece_).substr(0, used);
  }

  // Java's KafkaLZ4BlockInputStream, of the byte behind the magic: version 1, no bit that it does not know, independent blocks.
  Status check_head() const {
    if (in_.size() < 5) return {};  // no stream, which is told below
    const auto flags = static_cast<unsigned char>(in_[4]);
    if (!(flags & 0x20))
      return error(Errc::unknown_server_error, "lz4 with blocks that lean on each other: many clients cannot read it");
    if (flags & 0x03) return error(Errc::unknown_server_error, "lz4 with a dictionary: many clients cannot read it");
    return {};
  }

  LZ4F_dctx* context_ = nullptr;
  std::string piece_ = std::string(piece_bytes, '\0');
  bool began_ = false, ended_ = false;
};

class Zstd final : public Decompressor {
 public:
  Zstd(Bytes in, const StreamLimits& limits) : Decompressor(in, limits), context_(ZSTD_createDCtx()) {
    const auto log = std::bit_width(std::max<size_t>(limits.window_bytes_max, 1024)) - 1;
    if (context_ && ZSTD_isError(ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, static_cast<int>(log)))) {
      ZSTD_freeDCtx(context_);
      context_ = nullptr;
    }
  }
  ~Zstd() override { ZSTD_freeDCtx(context_); }
  bool is_ready() const { return context_ != nullptr; }

 private:
  Result<Bytes> next_piece() override {
    ZSTD_outBuffer out{piece_.data(), piece_.size(), 0};
    while (!ended_ && out.pos < out.size) {
      ZSTD_inBuffer in{in_.data(), in_.size(), 0};
      const size_t before = out.pos;
      size_t result = ZSTD_decompressStream(context_, &out, &in);
      if (ZSTD_isError(result)) {
        if (ZSTD_getErrorCode(result) != ZSTD_error_frameParameter_windowTooLarge)
          return not_a_stream(Compression::zstd);
        return error(Errc::message_too_large,
                     "zstd with a window above " + std::to_string(limits_.window_bytes_max) + " bytes");
      }
      in_.remove_prefix(in.pos);
      if (result == 0) ended_ = in_.empty();
      else if (in.pos == 0 && out.pos == before) return not_a_stream(Compression::zstd);
    }
    return Bytes(piece_).substr(0, out.pos);
  }

  ZSTD_DCtx* context_;
  std::string piece_ = std::string(piece_bytes, '\0');
  bool ended_ = false;
};

template <class Stream>
Result<std::unique_ptr<Decompressor>> opened(Bytes in, const StreamLimits& limits) {
  auto stream = std::make_unique<Stream>(in, limits);
  if (!stream->is_ready()) return out_of_memory();
  return std::unique_ptr<Decompressor>(std::move(stream));
}

}  // namespace

Result<std::unique_ptr<Decompressor>> Decompressor::open(Compression codec, Bytes in, const StreamLimits& limits) {
  switch (codec) {
    case Compression::none:
      return std::unique_ptr<Decompressor>(new Plain(in, limits));
    case Compression::gzip:
      return opened<Gzip>(in, limits);
    case Compression::snappy:
      return std::unique_ptr<Decompressor>(new Snappy(in, limits));
    case Compression::lz4:
      return opened<Lz4>(in, limits);
    case Compression::zstd:
      return opened<Zstd>(in, limits);
  }
  return error(Errc::unsupported_compression_type,
               "no codec has the number " + std::to_string(static_cast<int>(codec)));
}

Result<Bytes> Decompressor::next() {
  auto piece = next_piece();
  has_failed_ = !piece;
  if (piece && piece->size() > out_bytes_left()) return too_large(limits_.out_bytes_max);
  if (piece) out_bytes_ += piece->size();
  return piece;
}

}  // namespace bobbin::record
