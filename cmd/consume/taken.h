// Taken: how far the reader of the output has taken what was read. A position counts when the record before it lies wholly
// among the bytes that were taken.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "client/group/commits.h"

namespace bobbin::cmd {

class Taken {
 public:
  // A record was appended to the output, which goes on at `end_byte`; `next`: the offset behind it.
  void note(std::string_view topic, PartitionId partition, Offset next, uint64_t end_byte);
  // The reader has all bytes before that one.
  void take_to(uint64_t byte);
  // So far it is taken, in whatever other way.
  void reached(const client::Place& place, Offset next) { positions_[place] = next; }
  // What is taken and not yet on its way into the log of positions.
  const client::Positions& positions() const { return positions_; }
  client::Positions give() { return std::exchange(positions_, {}); }
  // It did not get there.
  void give_back(const client::Positions& positions);
  // Nothing of that is ours any more.
  void forget();
  bool is_all_taken() const { return marks_.empty(); }

 private:
  struct Mark {
    const client::Place* place;
    Offset next;
    uint64_t end_byte;
  };
  const client::Place* place_of(std::string_view topic, PartitionId partition);

  std::set<client::Place> places_;  // which stay where they are
  const client::Place* last_ = nullptr;
  std::deque<Mark> marks_;
  client::Positions positions_;
};

}  // namespace bobbin::cmd
