#include "cmd/broker/starter_lock.h"

#include "cmd/cluster.h"
#include "os/filesystem.h"
#include "os/posix/storage.h"
#include "os/wait.h"

namespace bobbin::cmd {

Result<std::unique_ptr<os::Lock>> take_starter_lock(const home::ClusterDir& cluster, int64_t wait_ms) {
  os::PosixStorage storage;
  int64_t give_up_at = mono_ms() + wait_ms;
  while (true) {
    auto lock = storage.try_lock(cluster.starter_lock());
    if (lock) BOBBIN_TRY(os::give_to_owner_of(cluster.root, cluster.starter_lock()));
    if (lock || lock.error().code != Errc::busy) return lock;
    if (mono_ms() >= give_up_at)
      return error(Errc::no_answer, "another command has been starting brokers in " + cluster.root +
                                        " for too long; is it stopped (fg, or kill it)?");
    BOBBIN_TRY(os::wait({}, 5));
  }
}

}  // namespace bobbin::cmd
