// How far the metadata log is on the disk: one short line in DIR/metadata/.durable,
//
//   <offset> <boot> <crc32c>\n       everything below `offset` was synced, in this boot of the machine; fixed width
//
// written in place by the holder of the metadata lock after each sync, read by anybody without a lock. It is never synced
// itself: what a power cut leaves of it is older than the log, or is no line. No line says that nothing is known.
#pragma once

#include <string>

#include "base/id.h"
#include "base/result.h"
#include "os/seam.h"

namespace bobbin::metadata {

struct DurableEnd {
  Offset offset{0};
  std::string boot;  // empty: unknown
};

DurableEnd read_durable_end(os::Storage& storage, const std::string& path);
Status write_durable_end(os::Storage& storage, const std::string& path, const DurableEnd& end);

}  // namespace bobbin::metadata
