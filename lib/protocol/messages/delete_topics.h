// DeleteTopics, by name, or from version 6 on by id.
//   4 flexible | 5 error text | 6 ids, null names
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct DeleteTopicsRequest {
  static constexpr std::string_view message_name = "DeleteTopicsRequest";
  static constexpr ApiKey api_key = ApiKey::delete_topics;
  static constexpr VersionRange versions{1, 6};
  static constexpr int16_t flexible_from = 4;

  struct DeleteTopicState {
    std::optional<std::string> name;  // null: by id
    Uuid topic_id;
    bool operator==(const DeleteTopicState&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DeleteTopicState;
      f("name", &S::name, since(6).nullable());
      f("topic_id", &S::topic_id, since(6));
    }
  };

  std::vector<DeleteTopicState> topics;  // from version 6 on
  std::vector<std::string> topic_names;  // up to version 5
  int32_t timeout_ms = 0;
  bool operator==(const DeleteTopicsRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DeleteTopicsRequest;
    f("topics", &S::topics, since(6));
    f("topic_names", &S::topic_names, between(1, 5).ignorable());
    f("timeout_ms", &S::timeout_ms, always());
  }
};

struct DeleteTopicsResponse {
  static constexpr std::string_view message_name = "DeleteTopicsResponse";
  static constexpr ApiKey api_key = ApiKey::delete_topics;
  static constexpr VersionRange versions{1, 6};
  static constexpr int16_t flexible_from = 4;

  struct DeletableTopicResult {
    std::optional<std::string> name;
    Uuid topic_id;
    int16_t error_code = 0;
    std::optional<std::string> error_message;
    bool operator==(const DeletableTopicResult&) const = default;

    template <class F>
    static constexpr void fields(F&& f) {
      using S = DeletableTopicResult;
      f("name", &S::name, always().nullable(6));
      f("topic_id", &S::topic_id, since(6).ignorable());
      f("error_code", &S::error_code, always());
      f("error_message", &S::error_message, since(5).nullable().ignorable());
    }
  };

  int32_t throttle_time_ms = 0;
  Elements<DeletableTopicResult> responses;
  bool operator==(const DeleteTopicsResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = DeleteTopicsResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("responses", &S::responses, always());
  }
};

}  // namespace bobbin::protocol
