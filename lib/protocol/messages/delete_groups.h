// DeleteGroups, where they have no members.
//   2 flexible
#pragma once

#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct DeleteGroupsRequest {
  static constexpr std::string_view message_name = "DeleteGroupsRequest";
  static constexpr ApiKey api_key = ApiKey::delete_groups;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 2;

  std::vector<std::string> groups_names;
  bool operator==(const DeleteGroupsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DeleteGroupsRequest;
    f("groups_names", &S::groups_names, always());
  }
};

struct DeleteGroupsResponse {
  static constexpr std::string_view message_name = "DeleteGroupsResponse";
  static constexpr ApiKey api_key = ApiKey::delete_groups;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 2;

  struct DeletableGroupResult {
    std::string group_id;
    int16_t error_code = 0;
    bool operator==(const DeletableGroupResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DeletableGroupResult;
      f("group_id", &S::group_id, always());
      f("error_code", &S::error_code, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DeletableGroupResult> results;
  bool operator==(const DeleteGroupsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DeleteGroupsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("results", &S::results, always());
  }
};

}  // namespace bobbin::protocol
