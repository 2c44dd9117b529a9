// CRC-32C (Castagnoli), the checksum of Kafka's record batches and producer snapshots; computed by ISA-L, which
// picks the widest instructions that the processor has.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace bobbin {

// The checksum of `bytes`, or of what had the checksum `before` followed by `bytes`.
uint32_t crc32c(Bytes bytes, uint32_t before = 0);

}  // namespace bobbin
