// FactsContext: what the handlers work with that tell what is there: brokers, topics, configs, APIs. Of a broker there is one
// of it, which lives as long as its requests.
#pragma once

#include <cstdint>
#include <string>

#include "broker/admin/context.h"
#include "broker/api.h"
#include "broker/connections.h"
#include "broker/metadata_view.h"
#include "broker/turns.h"

namespace bobbin::broker {

// What may be done, as bits at Kafka's numbers of operations: everything, as without an authorizer (Kafka's AclEntry says what
// there is for each kind of resource). Of topics: read, write, create, delete, alter, describe, describe and alter configs.
inline constexpr int32_t every_topic_operation =
    1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11;
// Create, alter, describe, cluster action, describe and alter configs, idempotent write.
inline constexpr int32_t every_cluster_operation = 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;

struct FactsContext {
  MetadataView& metadata;
  Connections& connections;
  Turns& turns;
  const std::string& cluster_id;
  ServedApis apis;
  AdminContext& admin;  // for a topic that is made because somebody asks for it
};

}  // namespace bobbin::broker
