// DataContext: what the handlers of records work with: Produce, Fetch, ListOffsets, and the ids of producers. Of a broker
// there is one of it, which lives as long as its requests.
#pragma once

#include "broker/busy_clients.h"
#include "broker/client_log.h"
#include "broker/connections.h"
#include "broker/data/fetch_sessions.h"
#include "broker/durability.h"
#include "broker/inspections.h"
#include "broker/metadata_view.h"
#include "broker/producer_ids.h"
#include "broker/purgatory.h"
#include "broker/refusals.h"
#include "broker/replication/isr_upkeep.h"
#include "broker/replication/repairs.h"
#include "broker/replication/throttle.h"
#include "broker/request_memory.h"
#include "broker/turns.h"
#include "cluster/replicas.h"
#include "os/seam.h"
#include "region/region.h"

namespace bobbin::broker {

struct DataContext {
  os::World& world;
  MetadataView& metadata;
  cluster::Replicas& replicas;
  Durability& durability;
  Connections& connections;
  RequestMemory& memory;
  Purgatory& purgatory;
  Turns& turns;
  ClientLog& log;

  // Produce
  ProducerIds& producer_ids;
  Refusals& refusals;
  Inspections& inspections;
  size_t inspect_now_bytes_max;
  uint64_t in_place_bytes_min;

  // Fetch
  Wire& wire;
  BusyClients& busy_clients;
  FetchSessions& sessions;
  IsrUpkeep& isr_upkeep;
  Repairs& repairs;
  Throttle& throttle;      // of what followers take
  region::Region* region;  // none: nowhere
};

}  // namespace bobbin::broker
