// LeaveGroup: members leave a group.
//   1 throttle time | 3 several members at once, static ones too | 4 flexible | 5 a reason
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct LeaveGroupRequest {
  static constexpr std::string_view message_name = "LeaveGroupRequest";
  static constexpr ApiKey api_key = ApiKey::leave_group;
  static constexpr VersionRange versions{0, 5};
  static constexpr int16_t flexible_from = 4;

  struct MemberIdentity {
    std::string member_id;
    std::optional<std::string> group_instance_id;  // null: not a static member
    std::optional<std::string> reason;
    bool operator==(const MemberIdentity&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = MemberIdentity;
      f("member_id", &S::member_id, since(3));
      f("group_instance_id", &S::group_instance_id, since(3).nullable());
      f("reason", &S::reason, since(5).nullable().ignorable());
    }
  };

  std::string group_id;
  std::string member_id;                // up to version 2
  std::vector<MemberIdentity> members;  // from version 3 on
  bool operator==(const LeaveGroupRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = LeaveGroupRequest;
    f("group_id", &S::group_id, always());
    f("member_id", &S::member_id, between(0, 2));
    f("members", &S::members, since(3));
  }
};

struct LeaveGroupResponse {
  static constexpr std::string_view message_name = "LeaveGroupResponse";
  static constexpr ApiKey api_key = ApiKey::leave_group;
  static constexpr VersionRange versions{0, 5};
  static constexpr int16_t flexible_from = 4;

  struct MemberResponse {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    int16_t error_code = 0;
    bool operator==(const MemberResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = MemberResponse;
      f("member_id", &S::member_id, since(3));
      f("group_instance_id", &S::group_instance_id, since(3).nullable());
      f("error_code", &S::error_code, since(3));
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<MemberResponse> members;
  bool operator==(const LeaveGroupResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = LeaveGroupResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(1).ignorable());
    f("error_code", &S::error_code, always());
    f("members", &S::members, since(3));
  }
};

}  // namespace bobbin::protocol
