#include "base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace bobbin {

uint32_t crc32c(Bytes bytes, uint32_t before) {
  uint32_t crc = ~before;
  while (!bytes.empty()) {
    size_t n = std::min<size_t>(bytes.size(), 1u << 30);  // ISA-L counts in int
    // ISA-L reads only, though its signature does not say so.
    crc = crc32_iscsi(reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())), static_cast<int>(n), crc);
    bytes.remove_prefix(n);
  }
  return ~crc;
}

}  // namespace bobbin
