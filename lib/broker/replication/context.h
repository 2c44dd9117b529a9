// ReplicationContext: what following other brokers needs of this one.
#pragma once

#include "broker/durability.h"
#include "broker/metadata_view.h"
#include "broker/registration.h"
#include "broker/replication/uplinks.h"
#include "cluster/replicas.h"
#include "home/cluster_dir.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

// How often somebody who does not answer is looked at, in the time after which he is taken for dead (broker.session.timeout.ms).
inline constexpr int64_t looks_a_session = 6;

struct ReplicationContext {
  os::World& world;
  const home::ClusterDir& dir;
  Uplinks& uplinks;
  MetadataView& metadata;
  metadata::Transactions& transactions;
  cluster::Replicas& replicas;
  Durability& durability;
  const Registration& registration;
  cluster::Say say;
};

}  // namespace bobbin::broker
