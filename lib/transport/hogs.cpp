#include "transport/hogs.h"

namespace bobbin::transport {

namespace {
constexpr int64_t silence_ms_max = 1000;
constexpr int64_t bytes_a_ms_min = 256;  // 256 KB/s
constexpr size_t unread_bytes_min = 256 << 10;
}  // namespace

namespace {

// Nothing more can come while its answers are not taken, of which there are too many; that is its own doing.
bool is_slow(const Connection& c, int64_t now_ms) {
  if (c.paused || c.starved) return false;
  if (c.choked) return now_ms - c.taken_ms > silence_ms_max;
  if (c.frame_began_ms == 0) return false;
  const int64_t age_ms = now_ms - c.frame_began_ms;
  if (now_ms - c.active_ms > silence_ms_max) return true;
  return age_ms > silence_ms_max && static_cast<int64_t>(c.arrived.size()) < age_ms * bytes_a_ms_min;
}

}  // namespace

Connection* slowest_sender(const ConnectionTable& connections, int64_t now_ms) {
  Connection* worst = nullptr;
  for (const auto& [id, c] : connections) {
    if (c->closing || c->memory_share.bytes() == 0 || !is_slow(*c, now_ms)) continue;
    if (!worst || c->memory_share.bytes() > worst->memory_share.bytes()) worst = c.get();
  }
  return worst;
}

Connection* worst_reader(const ConnectionTable& connections, int64_t now_ms, int64_t idle_ms) {
  Connection* worst = nullptr;
  for (const auto& [id, c] : connections) {
    if (c->closing || c->unsent_share.bytes() < unread_bytes_min || now_ms - c->taken_ms < idle_ms) continue;
    if (!worst || c->unsent_share.bytes() > worst->unsent_share.bytes()) worst = c.get();
  }
  return worst;
}

}  // namespace bobbin::transport
