#include "record/compression.h"

#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <memory>

#include "record/xerial.h"

namespace bobbin::record {
namespace {

constexpr size_t piece_bytes_max = size_t{1} << 30;  // zlib counts in 32 bits, snappy too
constexpr size_t room_bytes_min = 4096;
constexpr int gzip_window_bits = 15 + 16;  // 16: with gzip's header, and no other

constexpr std::array<std::string_view, 5> codec_names = {"none", "gzip", "snappy", "lz4", "zstd"};

struct Free {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Error not_a_stream(Compression codec) {
  return error(Errc::malformed,
               "compressed records are no " + std::string(to_string(codec)) + " stream, or it is cut short");
}

Error too_large(size_t bytes_max) {
  return error(Errc::message_too_large,
               "records would take more than " + std::to_string(bytes_max) + " bytes when decompressed");
}

Error out_of_memory() { return error(Errc::unknown_server_error, "no memory for a codec"); }

// The end of `out`, filled by a codec a piece at a time. The room grows as output arrives and never beyond the limit
// plus one byte: the byte that tells that there is more.
class Room {
 public:
  Room(std::string& out, size_t bytes_max, size_t bytes_expected)
      : out_(out), start_(out.size()), bytes_max_(bytes_max) {
    resize(std::clamp(bytes_expected, room_bytes_min, piece_bytes_max));
  }
  char* at() { return out_.data() + start_ + used_; }
  size_t left() const { return out_.size() - start_ - used_; }
  void take(size_t bytes) { used_ += bytes; }
  bool over_limit() const { return used_ > bytes_max_; }
  // False when the limit is reached.
  bool grow() {
    if (over_limit()) return false;
    size_t before = out_.size();
    resize((before - start_) * 4);
    return out_.size() > before;
  }
  void close() { out_.resize(start_ + used_); }

 private:
  // std::string rounds up to twice its capacity when it grows by itself: a new one takes what it is told.
  void resize(size_t bytes) {
    size_t total = start_ + std::min(bytes, bytes_max_ + 1);
    if (total > out_.capacity()) {
      std::string larger;
      larger.reserve(total);
      larger.assign(out_, 0, start_ + used_);
      out_.swap(larger);
    }
    out_.resize(total);
  }

  std::string& out_;
  size_t start_;
  size_t bytes_max_;
  size_t used_ = 0;
};

// ---- gzip

Status gzip_compress(Bytes in, std::string& out) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return out_of_memory();
  size_t start = out.size();
  size_t bound = deflateBound(&stream, in.size());
  out.resize(start + bound);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // only read
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
  stream.avail_out = static_cast<uInt>(bound);
  int result = deflate(&stream, Z_FINISH);
  check(result == Z_STREAM_END, "deflate within its own bound");
  out.resize(start + stream.total_out);
  deflateEnd(&stream);
  return {};
}

// Inflates all members of the stream.
Status inflate_members(z_stream& stream, Room& room, size_t out_bytes_max) {
  for (;;) {
    size_t offered = std::min(room.left(), piece_bytes_max);
    stream.next_out = reinterpret_cast<Bytef*>(room.at());
    stream.avail_out = static_cast<uInt>(offered);
    int result = inflate(&stream, Z_NO_FLUSH);
    room.take(offered - stream.avail_out);
    if (room.over_limit()) return too_large(out_bytes_max);
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) return {};
      inflateReset(&stream);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      return not_a_stream(Compression::gzip);
    } else if (stream.avail_out != 0) {
      return not_a_stream(Compression::gzip);  // there was room and it stopped: the input is at its end
    }
    if (room.left() == 0) room.grow();
  }
}

Status gzip_decompress(Bytes in, std::string& out, size_t out_bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window_bits) != Z_OK) return out_of_memory();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // only read
  stream.avail_in = static_cast<uInt>(in.size());
  Room room(out, out_bytes_max, in.size() * 4);
  Status done = inflate_members(stream, room, out_bytes_max);
  inflateEnd(&stream);
  room.close();
  return done;
}

// ---- snappy

Status snappy_compress(Bytes in, std::string& out) {
  begin_xerial(out);
  for (; !in.empty(); in.remove_prefix(std::min(in.size(), xerial_block_bytes)))
    append_xerial_block(in.substr(0, xerial_block_bytes), out);
  return {};
}

// Appends one raw block; `out` may grow up to `out_size_max` in all.
Status snappy_decompress_block(Bytes block, std::string& out, size_t out_size_max, size_t out_bytes_max) {
  BOBBIN_TRY_ASSIGN(size, snappy_block_size(block));
  if (size > out_size_max - out.size()) return too_large(out_bytes_max);
  size_t start = out.size();
  out.resize(start + size);
  if (!snappy::RawUncompress(block.data(), block.size(), out.data() + start)) return not_snappy();
  return {};
}

Status snappy_decompress(Bytes in, std::string& out, size_t out_bytes_max) {
  size_t out_size_max = out.size() + out_bytes_max;
  if (!in.starts_with(xerial_magic)) return snappy_decompress_block(in, out, out_size_max, out_bytes_max);
  for (;;) {
    BOBBIN_TRY_ASSIGN(block, next_xerial_block(in));
    if (!block) return {};
    BOBBIN_TRY(snappy_decompress_block(*block, out, out_size_max, out_bytes_max));
  }
}

// ---- lz4

Status lz4_compress(Bytes in, std::string& out) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // Java refuses linked blocks
  size_t start = out.size();
  out.resize(start + LZ4F_compressFrameBound(in.size(), &preferences));
  size_t size = LZ4F_compressFrame(out.data() + start, out.size() - start, in.data(), in.size(), &preferences);
  check(!LZ4F_isError(size), "lz4 within its own bound");
  out.resize(start + size);
  return {};
}

Status lz4_decompress_frames(LZ4F_dctx* context, Bytes in, Room& room, size_t out_bytes_max) {
  for (;;) {
    size_t written = room.left();
    size_t read = in.size();
    size_t result = LZ4F_decompress(context, room.at(), &written, in.data(), &read, nullptr);
    if (LZ4F_isError(result)) return not_a_stream(Compression::lz4);
    room.take(written);
    in.remove_prefix(read);
    if (room.over_limit()) return too_large(out_bytes_max);
    if (result == 0 && in.empty()) return {};
    if (room.left() == 0) room.grow();
    else if (written == 0 && read == 0) return not_a_stream(Compression::lz4);
  }
}

Status lz4_decompress(Bytes in, std::string& out, size_t out_bytes_max) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION))) return out_of_memory();
  std::unique_ptr<LZ4F_dctx, Free> context(raw);
  if (in.empty()) return not_a_stream(Compression::lz4);
  Room room(out, out_bytes_max, in.size() * 4);
  Status done = lz4_decompress_frames(context.get(), in, room, out_bytes_max);
  room.close();
  return done;
}

// ---- zstd

Status zstd_compress(Bytes in, std::string& out) {
  size_t start = out.size();
  out.resize(start + ZSTD_compressBound(in.size()));
  size_t size = ZSTD_compress(out.data() + start, out.size() - start, in.data(), in.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size)) return out_of_memory();
  out.resize(start + size);
  return {};
}

// The frames are decoded in one call, with the output as their window: decoded as a stream, a frame of ten bytes could
// ask for a window of 128 MiB, and frames of level 22 honestly do. Java's frames do not say how large they become, so
// the room is guessed, and a guess that was too small begins again.
Status zstd_decompress(Bytes in, std::string& out, size_t out_bytes_max) {
  std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  if (!context) return out_of_memory();
  if (in.empty()) return not_a_stream(Compression::zstd);
  Room room(out, out_bytes_max, in.size() * 8);
  for (;;) {
    size_t size = ZSTD_decompressDCtx(context.get(), room.at(), room.left(), in.data(), in.size());
    if (!ZSTD_isError(size)) {
      room.take(size);
      room.close();
      if (room.over_limit()) return too_large(out_bytes_max);
      return {};
    }
    if (ZSTD_getErrorCode(size) != ZSTD_error_dstSize_tooSmall) return not_a_stream(Compression::zstd);
    if (!room.grow()) return too_large(out_bytes_max);
  }
}

}  // namespace

std::optional<Compression> parse_compression(std::string_view text) {
  auto found = std::find(codec_names.begin(), codec_names.end(), text);
  if (found == codec_names.end()) return std::nullopt;
  return static_cast<Compression>(found - codec_names.begin());
}

std::string_view to_string(Compression codec) {
  auto number = static_cast<size_t>(codec);
  return number < codec_names.size() ? codec_names[number] : "unknown";
}

Status compress(Compression codec, Bytes in, std::string& out) {
  if (in.size() > piece_bytes_max) return error(Errc::message_too_large, "a batch above 1 GiB cannot be compressed");
  switch (codec) {
    case Compression::none:
      out += in;
      return {};
    case Compression::gzip:
      return gzip_compress(in, out);
    case Compression::snappy:
      return snappy_compress(in, out);
    case Compression::lz4:
      return lz4_compress(in, out);
    case Compression::zstd:
      return zstd_compress(in, out);
  }
  return error(Errc::unsupported_compression_type,
               "no codec has the number " + std::to_string(static_cast<int>(codec)));
}

Status decompress(Compression codec, Bytes in, std::string& out, size_t out_bytes_max) {
  if (in.size() > piece_bytes_max) return error(Errc::message_too_large, "a batch above 1 GiB cannot be decompressed");
  out_bytes_max = std::min(out_bytes_max, piece_bytes_max * 2);  // a limit of "none" must not overflow
  switch (codec) {
    case Compression::none:
      if (in.size() > out_bytes_max) return too_large(out_bytes_max);
      out += in;
      return {};
    case Compression::gzip:
      return gzip_decompress(in, out, out_bytes_max);
    case Compression::snappy:
      return snappy_decompress(in, out, out_bytes_max);
    case Compression::lz4:
      return lz4_decompress(in, out, out_bytes_max);
    case Compression::zstd:
      return zstd_decompress(in, out, out_bytes_max);
  }
  return error(Errc::unsupported_compression_type,
               "no codec has the number " + std::to_string(static_cast<int>(codec)));
}

}  // namespace bobbin::record
