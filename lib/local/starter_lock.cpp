#include "local/starter_lock.h"

#include <algorithm>

#include "os/filesystem.h"
#include "os/posix/clock.h"
#include "os/wait.h"

namespace bobbin::local {

Result<std::unique_ptr<os::Lock>> take_starter_lock(os::Storage& storage, const home::ClusterDir& cluster,
                                                    int64_t wait_ms) {
  os::PosixClock clock;
  const int64_t give_up_at = clock.mono_ms() + wait_ms;
  for (int64_t pause_ms = 1;; pause_ms = std::min<int64_t>(pause_ms * 2, 20)) {
    auto lock = storage.try_lock(cluster.starter_lock());
    if (lock) BOBBIN_TRY(os::give_to_owner_of(cluster.root, cluster.starter_lock()));
    if (lock || lock.error().code != Errc::busy) return lock;
    if (clock.mono_ms() >= give_up_at)
      return error(Errc::no_answer, "another command has been starting brokers in " + cluster.root +
                                        " for too long; is it stopped (fg, or kill it)?");
    BOBBIN_TRY(os::wait({}, pause_ms));
  }
}

}  // namespace bobbin::local
