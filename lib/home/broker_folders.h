// Where brokers' folders lie. DIR/broker-N may be a symbolic link to a folder on another disk. A disk that is not mounted leaves an
// empty place there, or none; a broker that took that for its own would begin anew, and show topics without their records. So
// behind a link nothing is ever made: what is there is the broker's folder only if it has an identity (meta.properties),
// which `bobbin broker add` writes (broker/new_folder.h).
//
// Looks at the real directory, not through the seam.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "home/cluster_dir.h"
#include "os/seam.h"

namespace bobbin::home {

// Where it leads, as the link says; nothing: it is no link.
std::optional<std::string> folder_elsewhere(const ClusterDir&, BrokerId);
// Errc::io_error: the folder is a link, and what it leads to is not there, or is no broker's: with what to do. Fine: it is one,
// or no link.
Status check_folder(const ClusterDir&, BrokerId);

// What a broker that the cluster has forgotten leaves in its directory: the folder, the link to it, its socket, log and state, and
// an order to stop. A folder that holds partitions that were put aside (-stray, -damaged) is kept: one elsewhere where it is, another
// one as DIR/removed-broker-N. Returns where; nothing: nothing was kept. The caller holds the starters' lock, and the broker is dead.
Result<std::optional<std::string>> remove_traces(os::Storage&, const ClusterDir&, BrokerId);

// The device of each folder, for one that is gone the directory's, where it would begin anew; none where a link leads nowhere.
// And those brokers that share one, group by group.
std::map<BrokerId, uint64_t> devices(const ClusterDir&, const std::vector<BrokerId>&);
std::vector<std::vector<BrokerId>> on_one_device(const std::map<BrokerId, uint64_t>& devices);

}  // namespace bobbin::home
