// A batch's records once more in another codec, or with offsets without gaps, as the broker stores them for a topic that asks
// for it. Streamed: neither the records nor what becomes of them is held beyond the new batch.
#pragma once

#include "record/decompressor.h"

namespace bobbin::record {

struct Recompression {
  Compression codec = Compression::none;
  bool renumber = false;        // offset deltas become 0, 1, 2 ...
  size_t bytes_max = SIZE_MAX;  // of the new batch
};

// `batch` was validated (validate.h). Errc::message_too_large: the new batch would be larger than allowed.
Result<std::string> recompress(const BatchView& batch, const Recompression& how, const StreamLimits& limits);

}  // namespace bobbin::record
