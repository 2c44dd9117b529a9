#include "transport/connection.h"

#include <algorithm>

#include "os/socket.h"

namespace bobbin::transport {

Result<bool> Connection::send_some() {
  bool any = false;
  while (!unsent.empty()) {
    Bytes parts[64];
    size_t count = std::min(unsent.size(), std::size(parts));
    bool passes = to_pass && to_pass->first == 0;
    if (to_pass) count = passes ? 1 : std::min(count, to_pass->first);
    size_t offered = 0;
    for (size_t i = 0; i < count; i++) {
      parts[i] = unsent[i];
      if (i == 0) parts[i].remove_prefix(unsent_begin);
      offered += parts[i].size();
    }
    BOBBIN_TRY_ASSIGN(sent, passes ? os::send_with(fd.value(), parts[0], to_pass->second) : os::send(fd.value(), std::span<const Bytes>(parts, count)));
    if (!sent) return any;
    if (passes) to_pass.reset();
    any = true;
    unsent_bytes -= *sent;
    unsent_begin += *sent;
    while (!unsent.empty() && unsent_begin >= unsent.front().size()) {
      unsent_begin -= unsent.front().size();
      unsent.pop_front();
      if (to_pass) to_pass->first--;
    }
    if (*sent < offered) return any;
  }
  return any;
}

}  // namespace bobbin::transport
