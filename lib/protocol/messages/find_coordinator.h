// FindCoordinator: which broker coordinates a group or a transactional id.
//   1 transactional ids, error text | 3 flexible | 4 several keys at once; in the answer too | 5 transaction_abortable
//   6 share groups
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct FindCoordinatorRequest {
  static constexpr std::string_view message_name = "FindCoordinatorRequest";
  static constexpr ApiKey api_key = ApiKey::find_coordinator;
  static constexpr VersionRange versions{0, 6};
  static constexpr int16_t flexible_from = 3;

  std::string key;      // up to version 3
  int8_t key_type = 0;  // 0 group, 1 transactional id, 2 share group
  std::vector<std::string> coordinator_keys;
  bool operator==(const FindCoordinatorRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = FindCoordinatorRequest;
    f("key", &S::key, between(0, 3));
    f("key_type", &S::key_type, since(1));
    f("coordinator_keys", &S::coordinator_keys, since(4));
  }
};

struct FindCoordinatorResponse {
  static constexpr std::string_view message_name = "FindCoordinatorResponse";
  static constexpr ApiKey api_key = ApiKey::find_coordinator;
  static constexpr VersionRange versions{0, 6};
  static constexpr int16_t flexible_from = 3;

  struct Coordinator {
    std::string key;
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    bool operator==(const Coordinator&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = Coordinator;
      f("key", &S::key, since(4));
      f("node_id", &S::node_id, since(4));
      f("host", &S::host, since(4));
      f("port", &S::port, since(4));
      f("error_code", &S::error_code, since(4));
      f("error_message", &S::error_message, since(4).nullable().ignorable());
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  int32_t node_id = 0;
  std::string host;
  int32_t port = 0;
  Elements<Coordinator> coordinators;
  bool operator==(const FindCoordinatorResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = FindCoordinatorResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(1).ignorable());
    f("error_code", &S::error_code, between(0, 3));
    f("error_message", &S::error_message, between(1, 3).nullable().ignorable());
    f("node_id", &S::node_id, between(0, 3));
    f("host", &S::host, between(0, 3));
    f("port", &S::port, between(0, 3));
    f("coordinators", &S::coordinators, since(4));
  }
};

}  // namespace bobbin::protocol
