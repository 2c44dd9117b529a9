// The lock at which starters of brokers queue: theirs, and of those who change what starters go by.
#pragma once

#include <memory>

#include "home/cluster_dir.h"
#include "os/seam.h"

namespace bobbin::local {

// Waits at most wait_ms, by looking: a starter that was stopped by Ctrl-Z holds the lock as long as it likes, and must not
// hold others. Errc::no_answer: it did; else what the storage says. The file is the directory's owner's.
Result<std::unique_ptr<os::Lock>> take_starter_lock(os::Storage& storage, const home::ClusterDir& cluster,
                                                    int64_t wait_ms);

}  // namespace bobbin::local
