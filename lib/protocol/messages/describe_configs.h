// DescribeConfigs: the configs of topics and brokers, with what they are and where they come from.
//   1 synonyms and sources | 3 types and documentation | 4 flexible
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct DescribeConfigsRequest {
  static constexpr std::string_view message_name = "DescribeConfigsRequest";
  static constexpr ApiKey api_key = ApiKey::describe_configs;
  static constexpr VersionRange versions{1, 4};
  static constexpr int16_t flexible_from = 4;

  struct DescribeConfigsResource {
    int8_t resource_type = 0;  // 2 topic, 4 broker
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys;  // null: all
    bool operator==(const DescribeConfigsResource&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeConfigsResource;
      f("resource_type", &S::resource_type, always());
      f("resource_name", &S::resource_name, always());
      f("configuration_keys", &S::configuration_keys, always().nullable());
    }
  };

  std::vector<DescribeConfigsResource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;
  bool operator==(const DescribeConfigsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeConfigsRequest;
    f("resources", &S::resources, always());
    f("include_synonyms", &S::include_synonyms, always());
    f("include_documentation", &S::include_documentation, since(3));
  }
};

struct DescribeConfigsResponse {
  static constexpr std::string_view message_name = "DescribeConfigsResponse";
  static constexpr ApiKey api_key = ApiKey::describe_configs;
  static constexpr VersionRange versions{1, 4};
  static constexpr int16_t flexible_from = 4;

  struct DescribeConfigsSynonym {
    std::string name;
    std::optional<std::string> value;
    int8_t source = 0;  // as config_source
    bool operator==(const DescribeConfigsSynonym&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeConfigsSynonym;
      f("name", &S::name, always());
      f("value", &S::value, always().nullable());
      f("source", &S::source, always());
    }
  };

  struct DescribeConfigsResourceResult {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    int8_t config_source = -1;  // 1 topic, 2 broker, 3 default of brokers, 4 static, 5 default, -1 unknown
    bool is_sensitive = false;
    std::vector<DescribeConfigsSynonym> synonyms;
    int8_t config_type = 0;  // 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password
    std::optional<std::string> documentation;
    bool operator==(const DescribeConfigsResourceResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeConfigsResourceResult;
      f("name", &S::name, always());
      f("value", &S::value, always().nullable());
      f("read_only", &S::read_only, always());
      f("config_source", &S::config_source, always());
      f("is_sensitive", &S::is_sensitive, always());
      f("synonyms", &S::synonyms, always());
      f("config_type", &S::config_type, since(3).ignorable());
      f("documentation", &S::documentation, since(3).nullable().ignorable());
    }
  };

  struct DescribeConfigsResult {
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<DescribeConfigsResourceResult> configs;
    bool operator==(const DescribeConfigsResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeConfigsResult;
      f("error_code", &S::error_code, always());
      f("error_message", &S::error_message, always().nullable());
      f("resource_type", &S::resource_type, always());
      f("resource_name", &S::resource_name, always());
      f("configs", &S::configs, always());
    }
  };

  int32_t throttle_time_ms = 0;
  Elements<DescribeConfigsResult> results;
  bool operator==(const DescribeConfigsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeConfigsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("results", &S::results, always());
  }
};

}  // namespace bobbin::protocol
