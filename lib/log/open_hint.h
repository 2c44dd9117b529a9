// OpenHint: what the broker's checkpoints said of a log before it was opened.
#pragma once

#include <algorithm>

#include "base/id.h"

namespace bobbin::log {

struct OpenHint {
  bool clean_shutdown = false;  // .kafka_cleanshutdown was there: nothing needs a scan
  Offset recovery_point{0};     // below it everything was once synced, also what is derived from records
  Offset log_start{0};
  // Whoever wrote it last was opened, and died, in this boot of the machine: then all that was written whole is there, synced
  // or not, and only the end can be torn.
  bool same_boot = false;
  Offset high_watermark{0};  // below it the records were once synced

  Offset synced_end() const { return std::max(recovery_point, high_watermark); }
  bool is_vouched_for =
      false;  // the checkpoints say that the folder is this topic's: partition.metadata may be missing
};

}  // namespace bobbin::log
