// LeaderFiles: what a leader of this machine has told the place of, read from its own segment files. It costs one copy less at
// each end than the records in an answer, and the leader nothing.
//
// Followers read beyond the high watermark, so the file may be cut while it is read: it is read, never mapped; and when the
// leader has lost its office since it answered, other records may lie at that place. A batch's offset and epoch together name
// one record for ever, and with it all that are before it. So R3 holds with what is looked at here: the first batch has the
// epoch that the leader told with its place, and none has a later one than the reign that was asked in. (Under the same path
// the log of a topic that was made anew may lie: the copy of the deleted one is on its way out, with whatever it has.)
//
// Owned by LeaderLink, used by the deciding thread: nothing waits for a disk.
#pragma once

#include <string>

#include "home/cluster_dir.h"
#include "log/checkpoints.h"
#include "os/seam.h"

namespace bobbin::broker {

class LeaderFiles {
 public:
  struct Place {
    log::TopicPartition of;
    Offset segment;
    uint64_t position, end;  // in its file
    Offset from;             // the first batch begins with it
    LeaderEpoch epoch;       // and is of that one
    LeaderEpoch reign;       // in which that was told
  };

  LeaderFiles(os::Storage& storage, const home::ClusterDir& dir, BrokerId leader)
      : storage_(storage), dir_(dir), leader_(leader) {}

  // Whole batches, at least one, else not more than so many bytes; valid until the next call. An error of any kind: the records
  // are to be asked for.
  Result<Bytes> read(size_t bytes_max, const Place& place);

 private:
  Result<Bytes> read_whole(os::File& file, const Place& place, uint64_t bytes);

  os::Storage& storage_;
  const home::ClusterDir& dir_;
  BrokerId leader_;
  std::string buffer_;
};

}  // namespace bobbin::broker
