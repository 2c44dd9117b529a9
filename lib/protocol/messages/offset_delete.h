// OffsetDelete: forgets how far a group has come in partitions. Only version 0, which is not flexible.
#pragma once

#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct OffsetDeleteRequest {
  static constexpr std::string_view message_name = "OffsetDeleteRequest";
  static constexpr ApiKey api_key = ApiKey::offset_delete;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = never_flexible;

  struct OffsetDeleteRequestPartition {
    int32_t partition_index = 0;
    bool operator==(const OffsetDeleteRequestPartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetDeleteRequestPartition;
      f("partition_index", &S::partition_index, always());
    }
  };

  struct OffsetDeleteRequestTopic {
    std::string name;
    std::vector<OffsetDeleteRequestPartition> partitions;
    bool operator==(const OffsetDeleteRequestTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetDeleteRequestTopic;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  std::string group_id;
  std::vector<OffsetDeleteRequestTopic> topics;
  bool operator==(const OffsetDeleteRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetDeleteRequest;
    f("group_id", &S::group_id, always());
    f("topics", &S::topics, always());
  }
};

struct OffsetDeleteResponse {
  static constexpr std::string_view message_name = "OffsetDeleteResponse";
  static constexpr ApiKey api_key = ApiKey::offset_delete;
  static constexpr VersionRange versions{0, 0};
  static constexpr int16_t flexible_from = never_flexible;

  struct OffsetDeleteResponsePartition {
    int32_t partition_index = 0;
    int16_t error_code = 0;
    bool operator==(const OffsetDeleteResponsePartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetDeleteResponsePartition;
      f("partition_index", &S::partition_index, always());
      f("error_code", &S::error_code, always());
    }
  };

  struct OffsetDeleteResponseTopic {
    std::string name;
    std::vector<OffsetDeleteResponsePartition> partitions;
    bool operator==(const OffsetDeleteResponseTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetDeleteResponseTopic;
      f("name", &S::name, always());
      f("partitions", &S::partitions, always());
    }
  };

  int16_t error_code = 0;
  int32_t throttle_time_ms = 0;
  std::vector<OffsetDeleteResponseTopic> topics;
  bool operator==(const OffsetDeleteResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetDeleteResponse;
    f("error_code", &S::error_code, always());
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("topics", &S::topics, always());
  }
};

}  // namespace bobbin::protocol
