#include "record/recompress.h"

#include <limits>

#include "base/crc32c.h"
#include "record/streamed_records.h"

namespace bobbin::record {
namespace {

Error not_validated() { return error(Errc::malformed, "the records of a batch are not what they were"); }

Status copy_all(Decompressor& from, Compressor& to) {
  for (;;) {
    BOBBIN_TRY_ASSIGN(piece, from.next());
    if (piece.empty()) return {};
    BOBBIN_TRY(to.add(piece));
  }
}

// One record with another offset: everything behind the offset is as it was.
Status renumber(PieceCursor& in, int32_t number, Compressor& to) {
  in.begin(varint_bytes_max);
  BOBBIN_TRY_ASSIGN(length, in.number(32));
  if (!length || *length < 1) return not_validated();
  in.begin(*length);
  char attributes = 0;
  BOBBIN_TRY_ASSIGN(is_there, in.pass(1, [&](Bytes b) {
    attributes = b.front();
    return Status();
  }));
  BOBBIN_TRY_ASSIGN(timestamp, in.number(64));
  BOBBIN_TRY_ASSIGN(offset, in.number(32));
  if (!is_there || !timestamp || !offset) return not_validated();
  const int64_t rest = in.left();
  std::string head;
  append_varint(head, 1 + static_cast<int64_t>(varint_size(*timestamp) + varint_size(number)) + rest);
  head += attributes;
  append_varint(head, *timestamp);
  append_varint(head, number);
  BOBBIN_TRY(to.add(head));
  BOBBIN_TRY_ASSIGN(is_whole, in.pass(rest, [&](Bytes some) { return to.add(some); }));
  return is_whole ? Status() : not_validated();
}

// The old header around new records.
std::string sealed(const BatchView& batch, Compression codec, Bytes records) {
  std::string out;
  out.reserve(batch_header_bytes + records.size());
  out += batch.bytes().substr(0, batch_header_bytes);
  out += records;
  store_be(out.data() + batch_length_at, static_cast<int32_t>(out.size() - batch_log_overhead));
  store_be(out.data() + attributes_at,
           static_cast<int16_t>((batch.attributes() & ~compression_bits) | static_cast<int16_t>(codec)));
  store_be(out.data() + last_offset_delta_at, batch.records_count() - 1);
  store_be(out.data() + crc_at, crc32c(Bytes(out).substr(crc_begins_at)));
  return out;
}

}  // namespace

Result<std::string> recompress(const BatchView& batch, const Recompression& how, const StreamLimits& limits) {
  BOBBIN_TRY_ASSIGN(from, Decompressor::open(batch.compression(), batch.records_bytes(), limits));
  const size_t bytes_max = std::min<size_t>(how.bytes_max, std::numeric_limits<int32_t>::max());
  BOBBIN_TRY_ASSIGN(to, Compressor::open(how.codec, bytes_max - std::min(bytes_max, batch_header_bytes)));
  if (how.renumber) {
    PieceCursor in(*from);
    for (int32_t i = 0; i < batch.records_count(); i++) BOBBIN_TRY(renumber(in, i, *to));
  } else {
    BOBBIN_TRY(copy_all(*from, *to));
  }
  BOBBIN_TRY_ASSIGN(records, to->finish());
  return sealed(batch, how.codec, records);
}

}  // namespace bobbin::record
