// SizeLimits: how large batches and requests of a topic may be: the topic's max.message.bytes, or less where a broker would
// not read a request with such a batch (socket.request.max.bytes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/id.h"
#include "base/result.h"
#include "client/producer/options.h"

namespace bobbin::client {

class Session;

class SizeLimits {
 public:
  // A cluster that does not tell has Kafka's defaults, as far as anybody knows. The topic must be known to the session.
  // Blocks. Errc::no_answer, stopped.
  static Result<SizeLimits> read(Session& session, const std::string& topic);

  // Of one batch, and so of a record with its batch's header.
  int32_t batch_bytes_max() const { return batch_bytes_max_; }
  // Of batches in one request, unless a single one is larger.
  size_t request_bytes_max() const { return request_bytes_max_; }
  // For a person: "max.message.bytes is 1048588 (...)".
  std::string sentence() const;
  // Whether the record fits when it is alone. Errc::message_too_large.
  Status check(const OutRecord& record) const;

 private:
  explicit SizeLimits(std::string topic) : topic_(std::move(topic)) {}
  Status ask(Session& session, BrokerId leader, bool and_of_topic);

  std::string topic_;
  int32_t batch_bytes_max_ = 1048588;
  size_t request_bytes_max_ = 32 << 20;
  BrokerId limiting_broker_ = broker_none;  // whose requests are smaller than the topic's batches
};

}  // namespace bobbin::client
