// Kafka's codecs through their libraries. Every decompression is bounded: more output than asked for is an error,
// found before the memory is taken.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "record/types.h"

namespace bobbin::record {

// "none" "gzip" "snappy" "lz4" "zstd"
std::optional<Compression> parse_compression(std::string_view text);
std::string_view to_string(Compression codec);

// Appends to `out`. snappy writes Java's (xerial) framing; lz4 a frame with independent blocks.
// Errc::message_too_large: more than 1 GiB in one piece.
Status compress(Compression codec, Bytes in, std::string& out);
// Appends to `out`, at most `out_bytes_max` more bytes. snappy reads Java's framing and raw blocks; gzip members, lz4
// and zstd frames may follow one another. After an error `out` holds anything behind what it held before.
// Errc::malformed: not such a stream, cut short, or bytes behind it.
// Errc::message_too_large: it would become larger than `out_bytes_max`.
// Errc::unsupported_compression_type: a number that is no codec.
Status decompress(Compression codec, Bytes in, std::string& out, size_t out_bytes_max);

}  // namespace bobbin::record
