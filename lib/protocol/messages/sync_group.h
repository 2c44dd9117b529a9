// SyncGroup: the leader of a generation hands in what each member gets; the others ask for theirs.
//   1 throttle time | 3 static members | 4 flexible | 5 protocol type and name, checked and in the answer
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct SyncGroupRequest {
  static constexpr std::string_view message_name = "SyncGroupRequest";
  static constexpr ApiKey api_key = ApiKey::sync_group;
  static constexpr VersionRange versions{0, 5};
  static constexpr int16_t flexible_from = 4;

  struct SyncGroupRequestAssignment {
    std::string member_id;
    Bytes assignment;  // a view, as in ProduceRequest
    bool operator==(const SyncGroupRequestAssignment&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = SyncGroupRequestAssignment;
      f("member_id", &S::member_id, always());
      f("assignment", &S::assignment, always());
    }
  };

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;  // null: not a static member
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::vector<SyncGroupRequestAssignment> assignments;  // by the leader alone
  bool operator==(const SyncGroupRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = SyncGroupRequest;
    f("group_id", &S::group_id, always());
    f("generation_id", &S::generation_id, always());
    f("member_id", &S::member_id, always());
    f("group_instance_id", &S::group_instance_id, since(3).nullable());
    f("protocol_type", &S::protocol_type, since(5).nullable().ignorable());
    f("protocol_name", &S::protocol_name, since(5).nullable().ignorable());
    f("assignments", &S::assignments, always());
  }
};

struct SyncGroupResponse {
  static constexpr std::string_view message_name = "SyncGroupResponse";
  static constexpr ApiKey api_key = ApiKey::sync_group;
  static constexpr VersionRange versions{0, 5};
  static constexpr int16_t flexible_from = 4;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  Bytes assignment;
  bool operator==(const SyncGroupResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = SyncGroupResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(1).ignorable());
    f("error_code", &S::error_code, always());
    f("protocol_type", &S::protocol_type, since(5).nullable().ignorable());
    f("protocol_name", &S::protocol_name, since(5).nullable().ignorable());
    f("assignment", &S::assignment, always());
  }
};

}  // namespace bobbin::protocol
