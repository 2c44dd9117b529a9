// DescribeLogDirs: how large the copies of partitions are that lie in a broker's folders.
//   3 an error of the whole    4 how large the folder's device is    5 whether it is cordoned
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct DescribeLogDirsRequest {
  static constexpr std::string_view message_name = "DescribeLogDirsRequest";
  static constexpr ApiKey api_key = ApiKey::describe_log_dirs;
  static constexpr VersionRange versions{1, 5};
  static constexpr int16_t flexible_from = 2;

  struct DescribableLogDirTopic {
    std::string topic;
    std::vector<int32_t> partitions;
    bool operator==(const DescribableLogDirTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribableLogDirTopic;
      f("topic", &S::topic, always());
      f("partitions", &S::partitions, always());
    }
  };

  std::optional<std::vector<DescribableLogDirTopic>> topics;  // null: all
  bool operator==(const DescribeLogDirsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeLogDirsRequest;
    f("topics", &S::topics, always().nullable());
  }
};

struct DescribeLogDirsResponse {
  static constexpr std::string_view message_name = "DescribeLogDirsResponse";
  static constexpr ApiKey api_key = ApiKey::describe_log_dirs;
  static constexpr VersionRange versions{1, 5};
  static constexpr int16_t flexible_from = 2;

  struct DescribeLogDirsPartition {
    int32_t partition_index = 0;
    int64_t partition_size = 0;  // bytes
    int64_t offset_lag = 0;
    bool is_future_key = false;  // it is on its way from another folder of the broker
    bool operator==(const DescribeLogDirsPartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeLogDirsPartition;
      f("partition_index", &S::partition_index, always());
      f("partition_size", &S::partition_size, always());
      f("offset_lag", &S::offset_lag, always());
      f("is_future_key", &S::is_future_key, always());
    }
  };

  struct DescribeLogDirsTopic {
    std::string name;
    std::vector<DescribeLogDirsPartition> partitions;
    bool operator==(const DescribeLogDirsTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeLogDirsTopic;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  struct DescribeLogDirsResult {
    int16_t error_code = 0;
    std::string log_dir;
    std::vector<DescribeLogDirsTopic> topics;
    int64_t total_bytes = -1;
    int64_t usable_bytes = -1;
    bool is_cordoned = false;  // it takes no more partitions
    bool operator==(const DescribeLogDirsResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DescribeLogDirsResult;
      f("error_code", &S::error_code, always());
      f("log_dir", &S::log_dir, always());
      f("topics", &S::topics, always());
      f("total_bytes", &S::total_bytes, since(4).ignorable());
      f("usable_bytes", &S::usable_bytes, since(4).ignorable());
      f("is_cordoned", &S::is_cordoned, since(5).ignorable());
    }
  };

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::vector<DescribeLogDirsResult> results;
  bool operator==(const DescribeLogDirsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DescribeLogDirsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("error_code", &S::error_code, since(3).ignorable());
    f("results", &S::results, always());
  }
};

}  // namespace bobbin::protocol
