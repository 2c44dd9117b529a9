// A broker's folder on a disk of its own: DATA/bobbin-CLUSTER-broker-N, with the broker's identity in it, and DIR/broker-N as a
// symbolic link to it. It lies below DATA, and not in its place, so that it is gone with its disk: where DATA is an empty
// mount point, the link leads nowhere (home/broker_folders.h).
//
// Made by `bobbin broker add`, before the broker runs there.
#pragma once

#include <string>

#include "base/id.h"
#include "base/result.h"
#include "home/cluster_dir.h"
#include "os/seam.h"

namespace bobbin::broker {

struct NewFolder {
  const home::ClusterDir& dir;
  BrokerId id;
  std::string data;      // absolute, without symbolic links on its way
  bool is_known;         // the cluster has this broker
  bool replace = false;  // what the broker had is given up: it begins anew
};

// Returns where it is. The caller holds the starters' lock. A folder of this very broker that lies there already, from an earlier
// time or at another mount point, is taken as it is: whether it is what the broker left is seen when it registers (R12).
// Errc::busy: the broker has a folder, or runs. Errc::io_error and others: nothing was made.
Result<std::string> make_folder(os::Storage&, os::Random&, const NewFolder&);

}  // namespace bobbin::broker
