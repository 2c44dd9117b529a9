#include "transport/peer.h"

namespace bobbin::transport {

std::optional<std::string> why_refused(const Peer& peer, uint32_t own_uid) {
  const std::string what = "refused a connection of ";
  if (!peer.is_of_this_machine) {
    if (peer.came_by_open_door) return std::nullopt;
    return what + peer.address + ": " + peer.local_address + " is not open to other machines";
  }
  if (!peer.uid) return what + peer.address + ": it closed before the kernel could tell whose it is";
  if (*peer.uid == own_uid || *peer.uid == 0) return std::nullopt;
  return what + "uid " + std::to_string(*peer.uid) + ": the cluster belongs to uid " + std::to_string(own_uid);
}

}  // namespace bobbin::transport
