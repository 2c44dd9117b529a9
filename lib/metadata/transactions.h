// Transactions: the writing side of the metadata log, for the one deciding thread of a broker (or of a repair tool).
//
//   idle -> lock (job) -> read the tail, repair it (job) -> decide -> append and sync (job) -> apply, answer
//        ^                                                                                        |
//        +---------------- unlock <---- snapshot and a new segment, when the log is long (job) <--+
//
// Changes that were submitted meanwhile share the next round: one lock, one batch, one sync. A round is all there or
// not at all; a change that is refused (its function returns an error) leaves the others alone.
//
// Reading alone takes no lock, but for what is not yet known to be on the disk: that waits for whoever is writing it, or
// repairs what was left of a writer that died. A log that lacks what image() holds is damage: image() stays, every change
// is refused with Errc::damaged, and each further look asks whether the log is whole again.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "home/cluster_dir.h"
#include "metadata/delta.h"
#include "metadata/image.h"
#include "metadata/metadata_log.h"
#include "os/seam.h"

namespace bobbin::metadata {

// Runs on the deciding thread, maybe more than once, against the image as it is under the lock and after the changes
// before it in the round. image.next_offset() is the offset that its first record will get. No records: nothing to do,
// which is fine.
using Change = std::function<Result<std::vector<AnyRecord>>(const Image&)>;

// Runs on the deciding thread, once: the records are on the disk and in image(), and Offset is that of the change's last
// record (offset_none if it had none); or nothing was changed and the error says why. After Errc::io_error it may still
// turn out to have been done.
using Done = std::function<void(Result<Offset>)>;

class Transactions {
 public:
  struct Hooks {
    std::function<void(const Delta&)> changed;       // image() is another one
    std::function<void(const Error&)> trouble = {};  // something that no change's Done was told, to be reported
    std::function<void()> mended = {};               // the last trouble with reading the log is over
  };
  struct Limits {
    size_t batch_bytes = metadata_batch_bytes_max;
    uint64_t log_bytes = 4 << 20;  // a segment longer than this, and than twice the snapshot, ends in a new snapshot
    std::string boot = {};         // names this boot of the machine; empty: unknown, then each writer syncs for itself
    size_t round_records = 1024;   // no further change joins a round that has them: it is decided in one go
  };

  // The cluster was made (cluster_dir.h). Nothing is read yet: catch_up() first. The world must outlive it; jobs that are
  // under way when it ends are harmless, and their changes are as if the process had been killed.
  Transactions(os::World& world, const home::ClusterDir& dir, Hooks hooks);
  Transactions(os::World& world, const home::ClusterDir& dir, Hooks hooks, Limits limits);
  ~Transactions();
  Transactions(const Transactions&) = delete;
  Transactions& operator=(const Transactions&) = delete;

  void submit(Change change, Done done);

  // Reads what other brokers wrote before this call; `done` (may be empty) runs when image() has it. Calls made while a
  // read is under way share the next one.
  void catch_up(std::function<void(Status)> done = {});

  // As of the last round or catch-up. The reference stays valid, its content changes between turns of the thread.
  const Image& image() const;

  // A round or a catch-up is under way.
  bool is_busy() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace bobbin::metadata
