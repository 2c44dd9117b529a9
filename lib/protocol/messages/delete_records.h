// DeleteRecords: those of partitions below an offset.
//   2 flexible
#pragma once

#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct DeleteRecordsRequest {
  static constexpr std::string_view message_name = "DeleteRecordsRequest";
  static constexpr ApiKey api_key = ApiKey::delete_records;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 2;

  struct DeleteRecordsPartition {
    int32_t partition_index = 0;
    int64_t offset = 0;  // the first that stays; -1: the high watermark
    bool operator==(const DeleteRecordsPartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DeleteRecordsPartition;
      f("partition_index", &S::partition_index, always());
      f("offset", &S::offset, always());
    }
  };

  struct DeleteRecordsTopic {
    std::string name;
    std::vector<DeleteRecordsPartition> partitions;
    bool operator==(const DeleteRecordsTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DeleteRecordsTopic;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  std::vector<DeleteRecordsTopic> topics;
  int32_t timeout_ms = 0;
  bool operator==(const DeleteRecordsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DeleteRecordsRequest;
    f("topics", &S::topics, always());
    f("timeout_ms", &S::timeout_ms, always());
  }
};

struct DeleteRecordsResponse {
  static constexpr std::string_view message_name = "DeleteRecordsResponse";
  static constexpr ApiKey api_key = ApiKey::delete_records;
  static constexpr VersionRange versions{0, 2};
  static constexpr int16_t flexible_from = 2;

  struct DeleteRecordsPartitionResult {
    int32_t partition_index = 0;
    int64_t low_watermark = 0;  // of all copies; -1: none is known
    int16_t error_code = 0;
    bool operator==(const DeleteRecordsPartitionResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DeleteRecordsPartitionResult;
      f("partition_index", &S::partition_index, always());
      f("low_watermark", &S::low_watermark, always());
      f("error_code", &S::error_code, always());
    }
  };

  struct DeleteRecordsTopicResult {
    std::string name;
    std::vector<DeleteRecordsPartitionResult> partitions;
    bool operator==(const DeleteRecordsTopicResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DeleteRecordsTopicResult;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<DeleteRecordsTopicResult> topics;
  bool operator==(const DeleteRecordsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DeleteRecordsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("topics", &S::topics, always());
  }
};

}  // namespace bobbin::protocol
