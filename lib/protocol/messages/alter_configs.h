// AlterConfigs: sets all configs of a resource; those that are not named get their defaults.
//   2 flexible
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct AlterConfigsRequest {
  static constexpr std::string_view message_name = "AlterConfigsRequest";
  static constexpr ApiKey api_key = ApiKey::alter_configs;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 2;

  struct AlterableConfig {
    std::string name;
    std::optional<std::string> value;
    bool operator==(const AlterableConfig&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = AlterableConfig;
      f("name", &S::name, always());
      f("value", &S::value, always().nullable());
    }
  };

  struct AlterConfigsResource {
    int8_t resource_type = 0;  // 2 topic, 4 broker
    std::string resource_name;
    std::vector<AlterableConfig> configs;
    bool operator==(const AlterConfigsResource&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = AlterConfigsResource;
      f("resource_type", &S::resource_type, always());
      f("resource_name", &S::resource_name, always());
      f("configs", &S::configs, always());
    }
  };

  std::vector<AlterConfigsResource> resources;
  bool validate_only = false;
  bool operator==(const AlterConfigsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = AlterConfigsRequest;
    f("resources", &S::resources, always());
    f("validate_only", &S::validate_only, always());
  }
};

struct AlterConfigsResponse {
  static constexpr std::string_view message_name = "AlterConfigsResponse";
  static constexpr ApiKey api_key = ApiKey::alter_configs;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 2;

  struct AlterConfigsResourceResponse {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;
    bool operator==(const AlterConfigsResourceResponse&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = AlterConfigsResourceResponse;
      f("error_code", &S::error_code, always());
      f("error_message", &S::error_message, always().nullable());
      f("resource_type", &S::resource_type, always());
      f("resource_name", &S::resource_name, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<AlterConfigsResourceResponse> responses;
  bool operator==(const AlterConfigsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = AlterConfigsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("responses", &S::responses, always());
  }
};

}  // namespace bobbin::protocol
