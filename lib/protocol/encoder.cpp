#include "protocol/encoder.h"

namespace bobbin::protocol {

Bytes cut_to_string_max(Bytes text) {
  auto continues = [&](size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  size_t end = string_bytes_max;
  while (end > string_bytes_max - 3 && continues(end)) end--;
  return text.substr(0, end);
}

}  // namespace bobbin::protocol
