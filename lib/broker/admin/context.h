// AdminContext: what the handlers work with that change topics, partitions and configs. Of a broker there is one of it, which
// lives as long as its requests.
#pragma once

#include "broker/client_log.h"
#include "broker/connections.h"
#include "broker/metadata_view.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

struct AdminContext {
  os::World& world;
  MetadataView& metadata;
  metadata::Transactions& transactions;
  Connections& connections;
  ClientLog& log;
};

}  // namespace bobbin::broker
