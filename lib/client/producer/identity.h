// Identity: the id and epoch that make a producer's batches known, so that none is taken twice.
#pragma once

#include "base/id.h"
#include "base/result.h"

namespace bobbin::client {

class Session;

struct Identity {
  ProducerId id = producer_id_none;  // none: not idempotent
  ProducerEpoch epoch{-1};
};

// A new one, which nobody else has. Blocks, at most the target's time-out. Errc::no_answer, malformed, what the cluster says.
Result<Identity> acquire_identity(Session& session);

}  // namespace bobbin::client
