// Answer: one of Kafka's messages, out of what came.
#pragma once

#include "client/call.h"
#include "protocol/codec.h"

namespace bobbin::client {

// A decoded answer; what it points to lives in `raw`.
template <class Response>
struct Answer {
  RawAnswer raw;
  Response body;
};

template <class Response>
Result<Answer<Response>> decode_answer(Result<RawAnswer> raw) {
  if (!raw) return std::move(raw).error();
  auto body = protocol::decode<Response>(raw->body(), raw->version);
  if (!body) return std::move(body).error().in("an answer that cannot be read");
  return Answer<Response>{std::move(*raw), std::move(*body)};
}

}  // namespace bobbin::client
