// JoinGroup: a member enters a group, or a new generation of it; answered when all have joined.
//   1 rebalance timeout | 2 throttle time | 4 a new member joins a second time, with the id that it was given
//   5 static members | 6 flexible | 7 protocol type in the answer, no protocol as null | 8 a reason
//   9 the leader may be told not to assign
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct JoinGroupRequest {
  static constexpr std::string_view message_name = "JoinGroupRequest";
  static constexpr ApiKey api_key = ApiKey::join_group;
  static constexpr VersionRange versions{0, 9};
  static constexpr int16_t flexible_from = 6;

  struct JoinGroupRequestProtocol {
    std::string name;
    Bytes metadata;  // a view, as in ProduceRequest; the group does not look into it
    bool operator==(const JoinGroupRequestProtocol&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = JoinGroupRequestProtocol;
      f("name", &S::name, always());
      f("metadata", &S::metadata, always());
    }
  };

  std::string group_id;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = -1;                // -1: the session timeout
  std::string member_id;                            // empty: a new member
  std::optional<std::string> group_instance_id;     // null: not a static member
  std::string protocol_type;                        // "consumer", "connect"
  std::vector<JoinGroupRequestProtocol> protocols;  // the one that it likes best first
  std::optional<std::string> reason;
  bool operator==(const JoinGroupRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = JoinGroupRequest;
    f("group_id", &S::group_id, always());
    f("session_timeout_ms", &S::session_timeout_ms, always());
    f("rebalance_timeout_ms", &S::rebalance_timeout_ms, since(1).ignorable());
    f("member_id", &S::member_id, always());
    f("group_instance_id", &S::group_instance_id, since(5).nullable());
    f("protocol_type", &S::protocol_type, always());
    f("protocols", &S::protocols, always());
    f("reason", &S::reason, since(8).nullable().ignorable());
  }
};

struct JoinGroupResponse {
  static constexpr std::string_view message_name = "JoinGroupResponse";
  static constexpr ApiKey api_key = ApiKey::join_group;
  static constexpr VersionRange versions{0, 9};
  static constexpr int16_t flexible_from = 6;

  struct JoinGroupResponseMember {
    std::string member_id;
    std::optional<std::string> group_instance_id;  // null: not a static member
    Bytes metadata;
    bool operator==(const JoinGroupResponseMember&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = JoinGroupResponseMember;
      f("member_id", &S::member_id, always());
      f("group_instance_id", &S::group_instance_id, since(5).nullable().ignorable());
      f("metadata", &S::metadata, always());
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int32_t generation_id = -1;  // -1: none
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;  // null: none
  std::string leader;                        // its member id
  bool skip_assignment = false;              // the leader does not assign anew
  std::string member_id;
  std::vector<JoinGroupResponseMember> members;  // for the leader alone
  bool operator==(const JoinGroupResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = JoinGroupResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(2).ignorable());
    f("error_code", &S::error_code, always());
    f("generation_id", &S::generation_id, always());
    f("protocol_type", &S::protocol_type, since(7).nullable().ignorable());
    f("protocol_name", &S::protocol_name, always().nullable(7));
    f("leader", &S::leader, always());
    f("skip_assignment", &S::skip_assignment, since(9));
    f("member_id", &S::member_id, always());
    f("members", &S::members, always());
  }
};

}  // namespace bobbin::protocol
