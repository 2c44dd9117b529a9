// ListGroups: the groups that a broker coordinates.
//   1 throttle time | 3 flexible | 4 states, in the answer too | 5 types, in the answer too
#pragma once

#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct ListGroupsRequest {
  static constexpr std::string_view message_name = "ListGroupsRequest";
  static constexpr ApiKey api_key = ApiKey::list_groups;
  static constexpr VersionRange versions{0, 5};
  static constexpr int16_t flexible_from = 3;

  std::vector<std::string> states_filter;  // empty: all
  std::vector<std::string> types_filter;   // empty: all
  bool operator==(const ListGroupsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ListGroupsRequest;
    f("states_filter", &S::states_filter, since(4));
    f("types_filter", &S::types_filter, since(5));
  }
};

struct ListGroupsResponse {
  static constexpr std::string_view message_name = "ListGroupsResponse";
  static constexpr ApiKey api_key = ApiKey::list_groups;
  static constexpr VersionRange versions{0, 5};
  static constexpr int16_t flexible_from = 3;

  struct ListedGroup {
    std::string group_id;
    std::string protocol_type;
    std::string group_state;
    std::string group_type;  // "classic", "consumer"
    bool operator==(const ListedGroup&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ListedGroup;
      f("group_id", &S::group_id, always());
      f("protocol_type", &S::protocol_type, always());
      f("group_state", &S::group_state, since(4).ignorable());
      f("group_type", &S::group_type, since(5).ignorable());
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<ListedGroup> groups;
  bool operator==(const ListGroupsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ListGroupsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(1).ignorable());
    f("error_code", &S::error_code, always());
    f("groups", &S::groups, always());
  }
};

}  // namespace bobbin::protocol
