#include "record/scan.h"

namespace bobbin::record {

Scanned next_batch(Bytes rest) {
  if (rest.empty()) return {ScanEnd::whole, 0};
  if (rest.size() < batch_head_bytes) return {ScanEnd::torn, 0};
  auto size = batch_size(rest);
  if (!size) return {ScanEnd::malformed, 0};
  if (*size > rest.size()) return {ScanEnd::torn, 0};
  return {ScanEnd::whole, *size};
}

}  // namespace bobbin::record
