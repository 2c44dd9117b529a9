#include "cmd/exec/done.h"

#include <algorithm>

namespace bobbin::cmd {

void Done::took(const client::Place& place, Offset offset) {
  auto& open = partitions_[place];
  if (!open.empty() && open.back().offset >= offset) open.clear();  // a log that was cut is read anew
  open.push_back({offset, false});
}

std::optional<Offset> Done::done(const client::Place& place, Offset offset) {
  const auto found = partitions_.find(place);
  if (found == partitions_.end()) return std::nullopt;
  auto& open = found->second;
  const auto one = std::lower_bound(open.begin(), open.end(), offset,
                                    [](const One& each, Offset wanted) { return each.offset < wanted; });
  if (one == open.end() || one->offset != offset) return std::nullopt;
  one->is_done = true;
  std::optional<Offset> last;
  for (; !open.empty() && open.front().is_done; open.pop_front()) last = open.front().offset;
  if (!last) return std::nullopt;
  // What lies between two records is nobody's: where one waits, it is read from there.
  return open.empty() ? *last + 1 : open.front().offset;
}

}  // namespace bobbin::cmd
