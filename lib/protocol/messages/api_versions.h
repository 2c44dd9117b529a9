// ApiVersions, the first request of every connection: which requests a broker takes, in which versions, and its features.
//   1 throttle time | 3 flexible; the client's software, features | 4 features whose lowest level is 0
// Answers have header version 0 in every version, so that a client can read one before it knows anything. A version
// that is not served is answered in version 0 with unsupported_version and the range of ApiVersions itself.
#pragma once

#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct ApiVersionsRequest {
  static constexpr std::string_view message_name = "ApiVersionsRequest";
  static constexpr ApiKey api_key = ApiKey::api_versions;
  static constexpr VersionRange versions{0, 4};
  static constexpr int16_t flexible_from = 3;

  std::string client_software_name;  // letters, digits, "-" and ".", beginning and ending with a letter or digit
  std::string client_software_version;
  bool operator==(const ApiVersionsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ApiVersionsRequest;
    f("client_software_name", &S::client_software_name, since(3).ignorable());
    f("client_software_version", &S::client_software_version, since(3).ignorable());
  }
};

struct ApiVersionsResponse {
  static constexpr std::string_view message_name = "ApiVersionsResponse";
  static constexpr ApiKey api_key = ApiKey::api_versions;
  static constexpr VersionRange versions{0, 4};
  static constexpr int16_t flexible_from = 3;

  struct ApiVersion {
    int16_t api_key = 0;
    int16_t min_version = 0;
    int16_t max_version = 0;
    bool operator==(const ApiVersion&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = ApiVersion;
      f("api_key", &S::api_key, always());
      f("min_version", &S::min_version, always());
      f("max_version", &S::max_version, always());
    }
  };

  struct SupportedFeatureKey {
    std::string name;
    int16_t min_version = 0;
    int16_t max_version = 0;
    bool operator==(const SupportedFeatureKey&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = SupportedFeatureKey;
      f("name", &S::name, since(3));
      f("min_version", &S::min_version, since(3));
      f("max_version", &S::max_version, since(3));
    }
  };

  struct FinalizedFeatureKey {
    std::string name;
    int16_t max_version_level = 0;
    int16_t min_version_level = 0;
    bool operator==(const FinalizedFeatureKey&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = FinalizedFeatureKey;
      f("name", &S::name, since(3));
      f("max_version_level", &S::max_version_level, since(3));
      f("min_version_level", &S::min_version_level, since(3));
    }
  };

  int16_t error_code = 0;
  std::vector<ApiVersion> api_keys;
  int32_t throttle_time_ms = 0;
  std::vector<SupportedFeatureKey> supported_features;
  int64_t finalized_features_epoch = -1;  // -1: unknown
  std::vector<FinalizedFeatureKey> finalized_features;
  bool zk_migration_ready = false;
  bool takes_frames_in_memory = false;  // ours, over a unix socket (transport/frame_memory.h)
  bool operator==(const ApiVersionsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = ApiVersionsResponse;
    f("error_code", &S::error_code, always());
    f("api_keys", &S::api_keys, always());
    f("throttle_time_ms", &S::throttle_time_ms, since(1).ignorable());
    f("supported_features", &S::supported_features, since(3).ignorable().tag(0));
    f("finalized_features_epoch", &S::finalized_features_epoch, since(3).ignorable().tag(1));
    f("finalized_features", &S::finalized_features, since(3).ignorable().tag(2));
    f("zk_migration_ready", &S::zk_migration_ready, since(3).ignorable().tag(3));
    f("takes_frames_in_memory", &S::takes_frames_in_memory, since(3).ignorable().tag(private_tag));
  }
};

}  // namespace bobbin::protocol
