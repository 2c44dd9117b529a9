// Lists of brokers, as a partition has them: its replicas, who of them is in sync.
#pragma once

#include <algorithm>
#include <vector>

#include "base/id.h"

namespace bobbin {

inline bool holds(const std::vector<BrokerId>& ids, BrokerId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace bobbin
