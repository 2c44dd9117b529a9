// Typed requests over a Session: Kafka's messages in, Kafka's messages out, the version chosen for both. Include it where
// requests are made, not in headers.
#pragma once

#include <algorithm>
#include <optional>

#include "client/answer.h"
#include "client/session.h"
#include "os/seam.h"
#include "protocol/codec.h"

namespace bobbin::client {

struct CallOptions {
  BrokerId node = any_node;
  int64_t timeout_ms = 0;  // 0: the target's
  int32_t answer_bytes_max = answer_bytes_max_default;
  int16_t version_min = 0;  // narrower than what the messages know, where others do not serve
  int16_t version_max = 0x7fff;
  bool answered = true;
  Lane lane = Lane::data;  // group: to a node that is named
};

template <class Request, class Response>
void request(Session& session, const CallOptions& options, Request message,
             std::function<void(Result<Answer<Response>>)> done) {
  Call call;
  call.node = options.node;
  call.lane = options.lane;
  call.api_key = static_cast<int16_t>(Request::api_key);
  call.version_min = std::max(Request::versions.first, options.version_min);
  call.version_max = std::min<int16_t>(Request::versions.last, options.version_max);
  call.timeout_ms = options.timeout_ms;
  call.answer_bytes_max = options.answer_bytes_max;
  call.answered = options.answered;
  call.encode = [&session, message = std::move(message)](int32_t correlation, int16_t version) {
    return protocol::encode_request(correlation, session.target().client_id, version, message);
  };
  call.done = [done = std::move(done)](Result<RawAnswer> raw) { done(decode_answer<Response>(std::move(raw))); };
  session.send(std::move(call));
}

// The same, waiting for the answer.
template <class Request, class Response>
Result<Answer<Response>> ask(Session& session, const CallOptions& options, Request message) {
  auto slot = std::make_shared<std::optional<Result<Answer<Response>>>>();
  request<Request, Response>(session, options, std::move(message),
                             [slot](Result<Answer<Response>> answer) { slot->emplace(std::move(answer)); });
  while (!*slot) BOBBIN_TRY(session.wait({}, -1));
  return std::move(**slot);
}

}  // namespace bobbin::client
