// OffsetFetch: how far groups have come.
//   2 all topics by null, an error of the whole | 3 throttle time | 5 leader epochs | 6 flexible
//   7 only stable offsets | 8 several groups at once | 9 members of the newer protocol, unknown_member_id,
//   stale_member_epoch | 10 topic ids
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct OffsetFetchRequest {
  static constexpr std::string_view message_name = "OffsetFetchRequest";
  static constexpr ApiKey api_key = ApiKey::offset_fetch;
  static constexpr VersionRange versions{1, 10};
  static constexpr int16_t flexible_from = 6;

  struct OffsetFetchRequestTopic {
    std::string name;
    std::vector<int32_t> partition_indexes;
    bool operator==(const OffsetFetchRequestTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetFetchRequestTopic;
      f("name", &S::name, between(1, 7));
      f("partition_indexes", &S::partition_indexes, between(1, 7));
    }
  };

  struct OffsetFetchRequestTopics {
    std::string name;  // up to version 9
    Uuid topic_id;
    std::vector<int32_t> partition_indexes;
    bool operator==(const OffsetFetchRequestTopics&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetFetchRequestTopics;
      f("name", &S::name, between(8, 9).ignorable());
      f("topic_id", &S::topic_id, since(10).ignorable());
      f("partition_indexes", &S::partition_indexes, since(8));
    }
  };

  struct OffsetFetchRequestGroup {
    std::string group_id;
    std::optional<std::string> member_id;
    int32_t member_epoch = -1;                                    // -1: no member of the newer protocol
    std::optional<std::vector<OffsetFetchRequestTopics>> topics;  // null: all
    bool operator==(const OffsetFetchRequestGroup&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetFetchRequestGroup;
      f("group_id", &S::group_id, since(8));
      f("member_id", &S::member_id, since(9).nullable().ignorable());
      f("member_epoch", &S::member_epoch, since(9).ignorable());
      f("topics", &S::topics, since(8).nullable());
    }
  };

  std::string group_id;                                        // up to version 7
  std::optional<std::vector<OffsetFetchRequestTopic>> topics;  // up to version 7; null: all
  std::vector<OffsetFetchRequestGroup> groups;
  bool require_stable = false;  // no offsets that an open transaction may still change
  bool operator==(const OffsetFetchRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetFetchRequest;
    f("group_id", &S::group_id, between(1, 7));
    f("topics", &S::topics, between(1, 7).nullable(2));
    f("groups", &S::groups, since(8));
    f("require_stable", &S::require_stable, since(7));
  }
};

struct OffsetFetchResponse {
  static constexpr std::string_view message_name = "OffsetFetchResponse";
  static constexpr ApiKey api_key = ApiKey::offset_fetch;
  static constexpr VersionRange versions{1, 10};
  static constexpr int16_t flexible_from = 6;

  struct OffsetFetchResponsePartition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;         // -1: none
    int32_t committed_leader_epoch = -1;  // -1: unknown
    std::optional<std::string> metadata;
    int16_t error_code = 0;
    bool operator==(const OffsetFetchResponsePartition&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetFetchResponsePartition;
      f("partition_index", &S::partition_index, always());
      f("committed_offset", &S::committed_offset, always());
      f("committed_leader_epoch", &S::committed_leader_epoch, since(5).ignorable());
      f("metadata", &S::metadata, always().nullable());
      f("error_code", &S::error_code, always());
    }
  };

  struct OffsetFetchResponseTopic {
    std::string name;
    std::vector<OffsetFetchResponsePartition> partitions;
    bool operator==(const OffsetFetchResponseTopic&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetFetchResponseTopic;
      f("name", &S::name, between(1, 7));
      f("partitions", &S::partitions, between(1, 7));
    }
  };

  struct OffsetFetchResponseTopics {
    std::string name;  // up to version 9
    Uuid topic_id;
    std::vector<OffsetFetchResponsePartition> partitions;
    bool operator==(const OffsetFetchResponseTopics&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetFetchResponseTopics;
      f("name", &S::name, between(8, 9).ignorable());
      f("topic_id", &S::topic_id, since(10).ignorable());
      f("partitions", &S::partitions, since(8));
    }
  };

  struct OffsetFetchResponseGroup {
    std::string group_id;
    std::vector<OffsetFetchResponseTopics> topics;
    int16_t error_code = 0;
    bool operator==(const OffsetFetchResponseGroup&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = OffsetFetchResponseGroup;
      f("group_id", &S::group_id, since(8));
      f("topics", &S::topics, since(8));
      f("error_code", &S::error_code, since(8));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<OffsetFetchResponseTopic> topics;  // up to version 7
  int16_t error_code = 0;                        // up to version 7
  std::vector<OffsetFetchResponseGroup> groups;
  bool operator==(const OffsetFetchResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = OffsetFetchResponse;
    f("throttle_time_ms", &S::throttle_time_ms, since(3).ignorable());
    f("topics", &S::topics, between(1, 7));
    f("error_code", &S::error_code, between(2, 7).ignorable());
    f("groups", &S::groups, since(8));
  }
};

}  // namespace bobbin::protocol
