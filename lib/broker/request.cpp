#include "broker/request.h"

#include <algorithm>

namespace bobbin::broker {

std::vector<std::string> frame_pieces(const protocol::FrameParts& parts, const std::vector<std::string*>& owned) {
  std::string head(4, '\0');
  store_be(head.data(), static_cast<int32_t>(parts.bytes()));
  std::vector<std::string> pieces{std::move(head)};
  size_t done = 0;
  auto next = owned.begin();
  for (const auto& [at, large] : parts.large) {
    pieces.back().append(parts.small, done, at - done);
    done = at;
    next = std::find_if(next, owned.end(),
                        [&](const auto& o) { return o->data() == large.data() && o->size() == large.size(); });
    if (next == owned.end()) {
      pieces.emplace_back(large);
    } else {
      pieces.push_back(std::move(**next));
      ++next;
    }
    pieces.emplace_back();
  }
  pieces.back().append(parts.small, done);
  return pieces;
}

int16_t wire_code(Errc code) {
  switch (code) {
    case Errc::io_error:
    case Errc::permission_denied:
    case Errc::disk_full:
    case Errc::quota_exceeded:
    case Errc::file_too_large:
    case Errc::read_only:
    case Errc::busy:
      return static_cast<int16_t>(Errc::kafka_storage_error);
    case Errc::damaged:
    case Errc::misplaced:
      return static_cast<int16_t>(Errc::corrupt_message);
    case Errc::malformed:
    case Errc::usage:
      return static_cast<int16_t>(Errc::invalid_request);
    default:
      break;
  }
  if (static_cast<int16_t>(code) < -1) return static_cast<int16_t>(Errc::unknown_server_error);
  return static_cast<int16_t>(code);
}

}  // namespace bobbin::broker
