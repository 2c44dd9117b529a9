// UnregisterBroker: the cluster forgets a broker. Flexible from the first version.
#pragma once

#include <optional>
#include <string>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct UnregisterBrokerRequest {
  static constexpr std::string_view message_name = "UnregisterBrokerRequest";
  static constexpr ApiKey api_key = ApiKey::unregister_broker;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  int32_t broker_id = 0;
  bool operator==(const UnregisterBrokerRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = UnregisterBrokerRequest;
    f("broker_id", &S::broker_id, always());
  }
};

struct UnregisterBrokerResponse {
  static constexpr std::string_view message_name = "UnregisterBrokerResponse";
  static constexpr ApiKey api_key = ApiKey::unregister_broker;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = 0;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  bool operator==(const UnregisterBrokerResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = UnregisterBrokerResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("error_code", &S::error_code, always());
    f("error_message", &S::error_message, always().nullable());
  }
};

}  // namespace bobbin::protocol
