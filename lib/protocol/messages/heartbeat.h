// Heartbeat: a member lives, and asks whether its generation still does.
//   1 throttle time | 3 static members | 4 flexible
#pragma once

#include <optional>
#include <string>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct HeartbeatRequest {
  static constexpr std::string_view message_name = "HeartbeatRequest";
  static constexpr ApiKey api_key = ApiKey::heartbeat;
  static constexpr VersionRange versions{0, 4};
  static constexpr int16_t flexible_from = 4;

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;  // null: not a static member
  int32_t wait_ms = 0;  // ours: answer when there is news, at the latest after so long, or when another request follows
  bool operator==(const HeartbeatRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = HeartbeatRequest;
    f("group_id", &S::group_id, always());
    f("generation_id", &S::generation_id, always());
    f("member_id", &S::member_id, always());
    f("group_instance_id", &S::group_instance_id, since(3).nullable());
    f("wait_ms", &S::wait_ms, since(4).ignorable().tag(private_tag));
  }
};

struct HeartbeatResponse {
  static constexpr std::string_view message_name = "HeartbeatResponse";
  static constexpr ApiKey api_key = ApiKey::heartbeat;
  static constexpr VersionRange versions{0, 4};
  static constexpr int16_t flexible_from = 4;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  bool operator==(const HeartbeatResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = HeartbeatResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(1).ignorable());
    f("error_code", &S::error_code, always());
  }
};

}  // namespace bobbin::protocol
