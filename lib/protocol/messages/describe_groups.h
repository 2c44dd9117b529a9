// DescribeGroups: the state and the members of groups.
//   1 throttle time | 3 authorized operations | 4 static members | 5 flexible | 6 group_id_not_found, error text
// Up to version 5 an unknown group is one in the state Dead.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct DescribeGroupsRequest {
  static constexpr std::string_view message_name = "DescribeGroupsRequest";
  static constexpr ApiKey api_key = ApiKey::describe_groups;
  static constexpr VersionRange versions{0, 6};
  static constexpr int16_t flexible_from = 5;

  std::vector<std::string> groups;
  bool include_authorized_operations = false;
  bool operator==(const DescribeGroupsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeGroupsRequest;
    f("groups", &S::groups, always());
    f("include_authorized_operations", &S::include_authorized_operations, since(3));
  }
};

struct DescribeGroupsResponse {
  static constexpr std::string_view message_name = "DescribeGroupsResponse";
  static constexpr ApiKey api_key = ApiKey::describe_groups;
  static constexpr VersionRange versions{0, 6};
  static constexpr int16_t flexible_from = 5;

  struct DescribedGroupMember {
    std::string member_id;
    std::optional<std::string> group_instance_id;  // null: not a static member
    std::string client_id;
    std::string client_host;
    Bytes member_metadata;
    Bytes member_assignment;
    bool operator==(const DescribedGroupMember&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribedGroupMember;
      f("member_id", &S::member_id, always());
      f("group_instance_id", &S::group_instance_id, since(4).nullable().ignorable());
      f("client_id", &S::client_id, always());
      f("client_host", &S::client_host, always());
      f("member_metadata", &S::member_metadata, always());
      f("member_assignment", &S::member_assignment, always());
    }
  };

  struct DescribedGroup {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;  // "PreparingRebalance", "CompletingRebalance", "Stable", "Empty", "Dead"
    std::string protocol_type;
    std::string protocol_data;  // the name of the protocol
    std::vector<DescribedGroupMember> members;
    int32_t authorized_operations = INT32_MIN;  // bits; INT32_MIN: not asked for
    bool operator==(const DescribedGroup&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribedGroup;
      f("error_code", &S::error_code, always());
      f("error_message", &S::error_message, since(6).nullable());
      f("group_id", &S::group_id, always());
      f("group_state", &S::group_state, always());
      f("protocol_type", &S::protocol_type, always());
      f("protocol_data", &S::protocol_data, always());
      f("members", &S::members, always());
      f("authorized_operations", &S::authorized_operations, since(3));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups;
  bool operator==(const DescribeGroupsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeGroupsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(1).ignorable());
    f("groups", &S::groups, always());
  }
};

}  // namespace bobbin::protocol
