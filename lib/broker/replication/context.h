// ReplicationContext: what following other brokers needs of this one.
#pragma once

#include "broker/durability.h"
#include "broker/metadata_view.h"
#include "broker/registration.h"
#include "broker/replication/uplinks.h"
#include "cluster/replicas.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

struct ReplicationContext {
  os::World& world;
  Uplinks& uplinks;
  MetadataView& metadata;
  metadata::Transactions& transactions;
  cluster::Replicas& replicas;
  Durability& durability;
  const Registration& registration;
  cluster::Say say;
};

}  // namespace bobbin::broker
