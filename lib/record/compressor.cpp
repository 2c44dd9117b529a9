#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "record/compression.h"
#include "record/decompressor.h"
#include "record/xerial.h"

namespace bobbin::record {
namespace {

constexpr size_t write_bytes = 64 << 10;  // what is handed to a codec at once
constexpr size_t out_piece_bytes = 64 << 10;

Error out_of_memory() { return error(Errc::unknown_server_error, "no memory for a codec"); }

class Plain final : public Compressor {
 public:
  using Compressor::Compressor;

 private:
  Status write(Bytes in) override {
    out_ += in;
    return {};
  }
  Status end() override { return {}; }
};

class Gzip final : public Compressor {
 public:
  explicit Gzip(size_t out_bytes_max) : Compressor(out_bytes_max) {
    constexpr int window_bits = 15 + 16;  // with gzip's header
    is_ready_ = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Gzip() override {
    if (is_ready_) deflateEnd(&stream_);
  }
  bool is_ready() const { return is_ready_; }

 private:
  Status write(Bytes in) override { return run(in, Z_NO_FLUSH); }
  Status end() override { return run({}, Z_FINISH); }

  Status run(Bytes in, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // only read
    stream_.avail_in = static_cast<uInt>(in.size());
    do {
      const size_t before = out_.size();
      out_.resize(before + out_piece_bytes);
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data() + before);
      stream_.avail_out = static_cast<uInt>(out_piece_bytes);
      int result = deflate(&stream_, flush);
      check(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR, "deflate with room");
      out_.resize(before + out_piece_bytes - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return {};
  }

  z_stream stream_{};
  bool is_ready_ = false;
};

class Snappy final : public Compressor {
 public:
  using Compressor::Compressor;

 private:
  Status write(Bytes in) override {
    if (out_.empty()) begin_xerial(out_);
    for (; !in.empty(); in.remove_prefix(std::min(in.size(), xerial_block_bytes)))
      append_xerial_block(in.substr(0, xerial_block_bytes), out_);
    return {};
  }
  Status end() override { return out_.empty() ? write({}) : Status(); }
};

class Lz4 final : public Compressor {
 public:
  explicit Lz4(size_t out_bytes_max) : Compressor(out_bytes_max) {
    preferences_.frameInfo.blockSizeID = LZ4F_max64KB;
    preferences_.frameInfo.blockMode = LZ4F_blockIndependent;  // Java refuses linked blocks
    LZ4F_createCompressionContext(&context_, LZ4F_VERSION);
    if (!context_) return;
    out_.resize(LZ4F_HEADER_SIZE_MAX);
    size_t head = LZ4F_compressBegin(context_, out_.data(), out_.size(), &preferences_);
    check(!LZ4F_isError(head), "a head of lz4");
    out_.resize(head);
  }
  ~Lz4() override { LZ4F_freeCompressionContext(context_); }
  bool is_ready() const { return context_ != nullptr; }

 private:
  Status write(Bytes in) override {
    return take(in.size(), [&](char* to, size_t room) {
      return LZ4F_compressUpdate(context_, to, room, in.data(), in.size(), nullptr);
    });
  }
  Status end() override {
    return take(0, [&](char* to, size_t room) { return LZ4F_compressEnd(context_, to, room, nullptr); });
  }

  template <class Write>
  Status take(size_t in_bytes, Write write) {
    const size_t before = out_.size(), room = LZ4F_compressBound(in_bytes, &preferences_);
    out_.resize(before + room);
    size_t written = write(out_.data() + before, room);
    if (LZ4F_isError(written)) return out_of_memory();
    out_.resize(before + written);
    return {};
  }

  LZ4F_preferences_t preferences_{};
  LZ4F_cctx* context_ = nullptr;
};

class Zstd final : public Compressor {
 public:
  explicit Zstd(size_t out_bytes_max) : Compressor(out_bytes_max), context_(ZSTD_createCCtx()) {}
  ~Zstd() override { ZSTD_freeCCtx(context_); }
  bool is_ready() const { return context_ != nullptr; }

 private:
  Status write(Bytes in) override { return run(in, ZSTD_e_continue); }
  Status end() override { return run({}, ZSTD_e_end); }

  Status run(Bytes bytes, ZSTD_EndDirective how) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (bool is_done = false; !is_done;) {
      const size_t before = out_.size();
      out_.resize(before + out_piece_bytes);
      ZSTD_outBuffer out{out_.data() + before, out_piece_bytes, 0};
      size_t left = ZSTD_compressStream2(context_, &out, &in, how);
      if (ZSTD_isError(left)) return out_of_memory();
      out_.resize(before + out.pos);
      is_done = how == ZSTD_e_end ? left == 0 : in.pos == in.size;
    }
    return {};
  }

  ZSTD_CCtx* context_;
};

template <class Stream>
Result<std::unique_ptr<Compressor>> opened(size_t out_bytes_max) {
  auto stream = std::make_unique<Stream>(out_bytes_max);
  if (!stream->is_ready()) return out_of_memory();
  return std::unique_ptr<Compressor>(std::move(stream));
}

}  // namespace

Result<std::unique_ptr<Compressor>> Compressor::open(Compression codec, size_t out_bytes_max) {
  switch (codec) {
    case Compression::none:
      return std::unique_ptr<Compressor>(new Plain(out_bytes_max));
    case Compression::gzip:
      return opened<Gzip>(out_bytes_max);
    case Compression::snappy:
      return std::unique_ptr<Compressor>(new Snappy(out_bytes_max));
    case Compression::lz4:
      return opened<Lz4>(out_bytes_max);
    case Compression::zstd:
      return opened<Zstd>(out_bytes_max);
  }
  return error(Errc::unsupported_compression_type,
               "no codec has the number " + std::to_string(static_cast<int>(codec)));
}

Status Compressor::check_size() const {
  if (out_.size() <= out_bytes_max_) return {};
  return error(Errc::message_too_large,
               "records take more than " + std::to_string(out_bytes_max_) + " bytes when they are compressed anew");
}

Status Compressor::add(Bytes in) {
  while (!in.empty()) {
    Bytes some = in.substr(0, write_bytes - waiting_.size());
    waiting_ += some;
    in.remove_prefix(some.size());
    if (waiting_.size() < write_bytes) break;
    BOBBIN_TRY(write(waiting_));
    waiting_.clear();
    BOBBIN_TRY(check_size());
  }
  return {};
}

Result<std::string> Compressor::finish() {
  if (!waiting_.empty()) BOBBIN_TRY(write(waiting_));
  BOBBIN_TRY(end());
  BOBBIN_TRY(check_size());
  return std::move(out_);
}

}  // namespace bobbin::record
