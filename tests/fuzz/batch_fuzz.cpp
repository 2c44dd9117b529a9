// libFuzzer's way into lib/record: the first byte chooses a codec's stream (1 to 4) or batches (anything else), the rest
// is what came from outside. It must neither crash, nor read beyond its input, nor take more than its limit.
#include <cstdint>
#include <cstdlib>

#include "record/compression.h"
#include "record/control.h"
#include "record/scan.h"
#include "record/validate.h"

namespace {

using namespace bobbin;
using namespace bobbin::record;

constexpr size_t out_bytes_max = size_t{1} << 20;

void must(bool holds) {
  if (!holds) std::abort();
}

void read_batch(const BatchView& batch) {
  (void)batch.crc_is_valid();
  (void)validate_records(batch, {out_bytes_max});
  RecordReader reader;
  if (!reader.open(batch, out_bytes_max)) return;
  std::vector<Header> headers;
  Record record;
  int32_t count = 0;
  for (;;) {
    auto more = reader.next(record);
    if (!more) return;
    if (!*more) break;
    count++;
    must(parse_headers(record, headers).ok());  // the reader has walked them
    if (batch.is_control()) (void)control_type(record), (void)coordinator_epoch(record);
  }
  must(count == batch.records_count());
}

void read_stream(Compression codec, Bytes stream) {
  std::string out = "before";
  Status done = decompress(codec, stream, out, out_bytes_max);
  if (!done) return;
  must(out.starts_with("before") && out.size() <= 6 + out_bytes_max);
  std::string again, back;
  must(compress(codec, Bytes(out).substr(6), again).ok());
  must(decompress(codec, again, back, out_bytes_max).ok());
  must(back == Bytes(out).substr(6));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] >= 1 && data[0] <= 4) {
    read_stream(static_cast<Compression>(data[0]), input);
    return 0;
  }
  scan_batches(input, [](const BatchView& batch, size_t) {
    must(batch.next_offset() > offset_none || batch.last_offset_delta() < 0);
    read_batch(batch);
    return true;
  });
  read_batch(BatchView(input));  // also one that no scan would let through
  return 0;
}
