// Reign: what the metadata says of a partition that has a copy here: who leads it, since when, and with whom.
#pragma once

#include "base/id.h"
#include "cluster/in_sync.h"

namespace bobbin::cluster {

struct Reign {
  BrokerId leader = broker_none;  // broker_none: nobody leads it at the moment
  LeaderEpoch epoch{0};
  InSyncSet in_sync;
};

}  // namespace bobbin::cluster
