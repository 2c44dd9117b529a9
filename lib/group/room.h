// Room: what all groups of a broker hold in memory, about, and how much they may. Whoever wants to hold more is refused before;
// what a log tells is held whatever it takes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bobbin::group {

struct Room {
  size_t used = 0;
  size_t max = SIZE_MAX;  // bytes
  bool takes(size_t more) const { return more == 0 || (used <= max && more <= max - used); }
};

}  // namespace bobbin::group
