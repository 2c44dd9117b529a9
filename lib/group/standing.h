// Standing: how a group stands at the moment: in which state, in which generation, and who is in it. A plain value.
//
//             first member joins                all have joined, or the time is over
//   Empty ─────────────────────> Preparing ────────────────────────> Completing ──> Stable
//     ^                           ^  │  ^     (generation + 1)          │  the leader's │
//     └── nobody is left ─────────┼──┘  │                               │  shares are   │
//                                 │     └── a member joins, leaves, ────┴── kept        │
//                                 └──────── dies, or does not sync ─────────────────────┘
//   any ──> Dead: deleted, or another broker coordinates it now
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "group/members.h"
#include "group/records.h"

namespace bobbin::group {

struct Empty {};
struct Preparing {
  int64_t complete_by_ms = 0;  // whoever has not joined then is no member any more
  int64_t not_before_ms = 0;   // others may be on the way; 0: nobody is waited for who is far away
  bool from_empty = false;
};
struct Completing {
  int64_t sync_by_ms = 0;
  bool keeping = false;  // the journal has the leader's shares in its hands
};
struct Stable {
  int64_t sync_by_ms = 0;  // of who has not asked for his share yet
};
struct Dead {};
using State = std::variant<Empty, Preparing, Completing, Stable, Dead>;

// Kafka's words: "PreparingRebalance".
std::string_view name_of(const State& state);

struct Standing {
  State state = Empty{};
  Timestamp since = timestamp_none;
  int32_t generation = 0;
  std::string protocol_type = {};  // empty: positions alone
  std::optional<std::string> protocol = {};
  Members members = {};

  template <class S>
  bool is() const {
    return std::holds_alternative<S>(state);
  }
};

// As a journal keeps it, and tells of it.
StoredGroup stored(const Standing& standing);
Standing restored(const StoredGroup& stored);

// What a member is told of the generation that there is.
Joined present_generation(const Standing& standing, const Member& member);
Joined refused_join(Errc why, const std::string& member_id);

}  // namespace bobbin::group
