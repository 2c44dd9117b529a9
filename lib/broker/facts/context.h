// FactsContext: what the handlers work with that tell what is there: brokers, topics, configs, APIs. Of a broker there is one
// of it, which lives as long as its requests.
#pragma once

#include <string>

#include "broker/admin/context.h"
#include "broker/api.h"
#include "broker/connections.h"
#include "broker/metadata_view.h"
#include "broker/turns.h"

namespace bobbin::broker {

struct FactsContext {
  MetadataView& metadata;
  Connections& connections;
  Turns& turns;
  const std::string& cluster_id;
  ServedApis apis;
  AdminContext& admin;  // for a topic that is made because somebody asks for it
};

}  // namespace bobbin::broker
