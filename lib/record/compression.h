// Kafka's codecs through their libraries. Every decompression is bounded: more output than asked for is an error,
// found before the memory is taken.
#pragma once

#include "record/batch.h"

namespace bobbin::record {

// "none" "gzip" "snappy" "lz4" "zstd"
std::optional<Compression> parse_compression(std::string_view text);
std::string_view to_string(Compression codec);

// Appends to `out`. snappy writes Java's (xerial) framing; lz4 a frame with independent blocks.
Status compress(Compression codec, Bytes in, std::string& out);
// Appends to `out`, at most `out_bytes_max` more bytes. snappy reads Java's framing and raw blocks.
Status decompress(Compression codec, Bytes in, std::string& out, size_t out_bytes_max);

}  // namespace bobbin::record
