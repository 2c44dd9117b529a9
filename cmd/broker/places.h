// On which disks the brokers' folders lie, and what a person is told of that.
#pragma once

#include "cmd/words/arguments.h"
#include "home/cluster_dir.h"

namespace bobbin::cmd {

// This broker was given a disk of its own, which others have, too.
void warn_of_shared_disk(const Arguments&, const home::ClusterDir&, BrokerId);
// Somebody gave brokers disks of their own, and there are some that share one. Where nobody did, all are in one
// directory, as is usual: nothing is said.
void warn_of_shared_disks(const Arguments&, const home::ClusterDir&);

}  // namespace bobbin::cmd
