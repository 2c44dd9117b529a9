// Symbolic links in a cluster's directory. A folder (the metadata, a broker's, a partition's) may be a link to another disk,
// and bobbin.toml a link to a file. Anything else that is a link is refused before a broker starts: files are replaced by
// renaming and opened without following links, so that one would be cut off from what it leads to sooner or later.
//
// Looks at the real directory, not through the seam.
#pragma once

#include "base/result.h"
#include "home/cluster_dir.h"

namespace bobbin::home {

// The directory itself and the metadata folder. Fine where there is none yet. Errc::io_error says which link, where it leads
// and what to do; Errc::usage: a folder that lies on a file system that cannot carry it.
Status check_links(const ClusterDir&);
// A broker's folder and those of its partitions.
Status check_links(const ClusterDir&, BrokerId);

}  // namespace bobbin::home
