// The lock at which starters of brokers queue, for those who change what starters go by.
#pragma once

#include <memory>

#include "home/cluster_dir.h"

namespace bobbin::cmd {

// Waits at most wait_ms: a starter that was stopped by Ctrl-Z would hold it for ever. Errc::no_answer.
Result<std::unique_ptr<os::Lock>> take_starter_lock(const home::ClusterDir& cluster, int64_t wait_ms);

}  // namespace bobbin::cmd
