// The broker's place in its cluster's directory. Whoever removes a directory fails if new names appear in it, so there a broker
// makes none: from the first file that goes while it starts, and from the first that it ends without (place_watch.h) later.
#pragma once

#include <atomic>
#include <memory>

#include "base/id.h"
#include "base/result.h"
#include "home/cluster_dir.h"
#include "os/posix/storage.h"

namespace bobbin::broker {

struct Place {
  const home::ClusterDir& dir;
  BrokerId id;
  bool again;  // it ran here before: what it had is missing only where somebody removes the directory
  const std::atomic<bool>&
      starts;  // set until it serves: then its log and others may be taken away; outlives the storage
};

// Takes the broker's lock, in its folder, for life. Both are made, unless it runs again; so is what lies beside the metadata
// log. Errc::not_found: no cluster there, or no place in it. Errc::busy: the broker runs already.
Result<std::unique_ptr<os::Lock>> take_place(os::PosixStorage&, const Place&);

}  // namespace bobbin::broker
