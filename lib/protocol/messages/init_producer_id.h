// InitProducerId: a producer id for idempotent writing, or the next epoch of one.
//   2 flexible | 3 the id and epoch that the producer has | 4 the error producer_fenced | 5 transaction_abortable
#pragma once

#include <optional>
#include <string>

#include "protocol/codec.h"

namespace bobbin::protocol {

struct InitProducerIdRequest {
  static constexpr std::string_view message_name = "InitProducerIdRequest";
  static constexpr ApiKey api_key = ApiKey::init_producer_id;
  static constexpr VersionRange versions{0, 5};
  static constexpr int16_t flexible_from = 2;

  std::optional<std::string> transactional_id;  // null: idempotent only
  int32_t transaction_timeout_ms = 0;
  int64_t producer_id = -1;  // -1: a new one
  int16_t producer_epoch = -1;
  bool operator==(const InitProducerIdRequest&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = InitProducerIdRequest;
    f("transactional_id", &S::transactional_id, always().nullable());
    f("transaction_timeout_ms", &S::transaction_timeout_ms, always());
    f("producer_id", &S::producer_id, since(3));
    f("producer_epoch", &S::producer_epoch, since(3));
  }
};

struct InitProducerIdResponse {
  static constexpr std::string_view message_name = "InitProducerIdResponse";
  static constexpr ApiKey api_key = ApiKey::init_producer_id;
  static constexpr VersionRange versions{0, 5};
  static constexpr int16_t flexible_from = 2;

  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = 0;
  bool operator==(const InitProducerIdResponse&) const = default;

  template <class F>
  static constexpr void fields(F&& f) {
    using S = InitProducerIdResponse;
    f("throttle_time_ms", &S::throttle_time_ms, always());
    f("error_code", &S::error_code, always());
    f("producer_id", &S::producer_id, always());
    f("producer_epoch", &S::producer_epoch, always());
  }
};

}  // namespace bobbin::protocol
