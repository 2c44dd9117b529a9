// Done: which of the records that were taken of a partition are done, and so how far its position may go: to the first one that
// is not.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "client/group/commits.h"

namespace bobbin::cmd {

class Done {
 public:
  // Ascending in each partition; offsets that no record has are left out. One that goes back begins anew: of what was
  // taken before nothing is known any more.
  void took(const client::Place& place, Offset offset);
  // The position of the partition, if it moved by that: everything before it is done. An offset that was not taken is nothing.
  std::optional<Offset> done(const client::Place& place, Offset offset);
  void forget() { partitions_.clear(); }

 private:
  struct One {
    Offset offset;
    bool is_done;
  };
  std::map<client::Place, std::deque<One>> partitions_;  // from the first that is not done
};

}  // namespace bobbin::cmd
