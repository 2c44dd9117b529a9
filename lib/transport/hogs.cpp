#include "transport/hogs.h"

namespace bobbin::transport {

namespace {
constexpr int64_t silence_ms_max = 1000;
constexpr int64_t bytes_a_ms_min = 256;  // 256 KB/s
constexpr size_t unread_bytes_min = 256 << 10;
}  // namespace

Connection* slowest_sender(const ConnectionTable& connections, int64_t now_ms) {
  Connection* worst = nullptr;
  for (const auto& [id, c] : connections) {
    if (c->closing || c->memory_share.bytes() == 0 || c->frame_began_ms == 0 || !c->may_read()) continue;
    const int64_t age_ms = now_ms - c->frame_began_ms;
    const bool is_silent = now_ms - c->active_ms > silence_ms_max;
    const bool is_slow = is_silent || (age_ms > silence_ms_max && static_cast<int64_t>(c->arrived.size()) < age_ms * bytes_a_ms_min);
    if (is_slow && (!worst || c->memory_share.bytes() > worst->memory_share.bytes())) worst = c.get();
  }
  return worst;
}

Connection* worst_reader(const ConnectionTable& connections, int64_t now_ms, int64_t idle_ms) {
  Connection* worst = nullptr;
  for (const auto& [id, c] : connections) {
    if (c->closing || c->unsent.bytes() < unread_bytes_min || now_ms - c->taken_ms < idle_ms) continue;
    if (!worst || c->unsent.bytes() > worst->unsent.bytes()) worst = c.get();
  }
  return worst;
}

}  // namespace bobbin::transport
