// What the checkpoints are to say of a broker's logs, noted for a job that writes them (folder.h): one of each kind at a time.
#pragma once

#include <functional>
#include <vector>

#include "cluster/folder.h"
#include "cluster/open_replicas.h"

namespace bobbin::cluster {

// Recovery points, high watermarks and log starts as they are now; the flushed end of a log is a recovery point when its
// checkpoint() came before that flush.
std::function<Status()> checkpoint_work(const OpenReplicas& opened, Folder& folder);
// Only that of these logs, of which no checkpoint tells yet, there is something on the disk, and where those of them begin that no
// longer begin at 0 (young_logs.h).
std::function<Status()> young_work(const OpenReplicas& opened, Folder& folder, const std::vector<TopicPartition>& ids);

}  // namespace bobbin::cluster
