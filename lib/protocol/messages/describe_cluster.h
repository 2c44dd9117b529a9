// DescribeCluster: the brokers and the controller. Flexible from the first version.
//   1 endpoint types | 2 fenced brokers
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct DescribeClusterRequest {
  static constexpr std::string_view message_name = "DescribeClusterRequest";
  static constexpr ApiKey api_key = ApiKey::describe_cluster;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 0;

  bool include_cluster_authorized_operations = false;
  int8_t endpoint_type = 1;  // 1 brokers, 2 controllers
  bool include_fenced_brokers = false;
  bool operator==(const DescribeClusterRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeClusterRequest;
    f("include_cluster_authorized_operations", &S::include_cluster_authorized_operations, always());
    f("endpoint_type", &S::endpoint_type, since(1));
    f("include_fenced_brokers", &S::include_fenced_brokers, since(2));
  }
};

struct DescribeClusterResponse {
  static constexpr std::string_view message_name = "DescribeClusterResponse";
  static constexpr ApiKey api_key = ApiKey::describe_cluster;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 0;

  struct DescribeClusterBroker {
    int32_t broker_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    bool is_fenced = false;
    bool operator==(const DescribeClusterBroker&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeClusterBroker;
      f("broker_id", &S::broker_id, always());
      f("host", &S::host, always());
      f("port", &S::port, always());
      f("rack", &S::rack, always().nullable());
      f("is_fenced", &S::is_fenced, since(2));
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message;
  int8_t endpoint_type = 1;
  std::string cluster_id;
  int32_t controller_id = -1;  // -1: none
  std::vector<DescribeClusterBroker> brokers;
  int32_t cluster_authorized_operations = INT32_MIN;  // bits; INT32_MIN: not asked for
  bool operator==(const DescribeClusterResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeClusterResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("error_code", &S::error_code, always());
    f("error_message", &S::error_message, always().nullable());
    f("endpoint_type", &S::endpoint_type, since(1));
    f("cluster_id", &S::cluster_id, always());
    f("controller_id", &S::controller_id, always());
    f("brokers", &S::brokers, always());
    f("cluster_authorized_operations", &S::cluster_authorized_operations, always());
  }
};

}  // namespace bobbin::protocol
