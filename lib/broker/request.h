// Request: one request as a handler gets it, and what its answer needs to know of it.
#pragma once

#include <string>
#include <vector>

#include "broker/connections.h"
#include "protocol/codec.h"
#include "protocol/frame.h"

namespace bobbin::broker {

// The body is valid while the handler runs.
struct Request {
  ConnectionId connection{};
  protocol::ApiKey api_key{};
  int16_t version = 0;
  int32_t correlation_id = 0;
  std::string client_id;
  Bytes frame;  // all of it
  Bytes body;
};

// The frame's pieces: what of `owned` the parts show is moved, not copied.
std::vector<std::string> frame_pieces(const protocol::FrameParts& parts, const std::vector<std::string*>& owned);

// What an answer needs to know of its request; copied by those that answer later.
struct Answer {
  int16_t version = 0;
  int32_t correlation_id = 0;
  // What librdkafka reads at most.
  static constexpr size_t bytes_max = 100'000'000;
  // Errc::message_too_large: it would be larger.
  template <class Response>
  Result<std::string> frame(const Response& response) const {
    return protocol::encode_response_within(bytes_max, correlation_id, version, response);
  }
  // The same in pieces, which take over what of `owned` the response's views show.
  template <class Response>
  std::vector<std::string> pieces(const Response& response, const std::vector<std::string*>& owned) const {
    return frame_pieces(protocol::encode_response_parts(correlation_id, version, response), owned);
  }
  // The same of a response whose `elements` were encoded ahead.
  template <class Response, class T>
  Result<std::vector<std::string>> pieces_of(const Response& response, const protocol::Elements<T>& elements) const {
    auto parts = protocol::encode_response_parts(correlation_id, version, response);
    if (parts.bytes() > bytes_max)
      return error(Errc::message_too_large, "an answer of " + std::to_string(parts.bytes()) + " bytes");
    std::vector<std::string*> owned;
    for (const auto& chunk : elements.ahead.chunks) owned.push_back(chunk.get());
    return frame_pieces(parts, owned);
  }
};
inline Answer answer_to(const Request& r) { return {r.version, r.correlation_id}; }

// An error as it goes out: ours that have no number of Kafka's become UNKNOWN_SERVER_ERROR or, from the disk,
// KAFKA_STORAGE_ERROR.
int16_t wire_code(Errc code);

// Topics, partitions, keys, settings ... of one request, all together. Each takes a hundred bytes or so when it is read, as
// much again when it is answered, and a microsecond or two; a broker's limit of partitions is far below.
inline constexpr size_t named_max = 65536;

// For a handler that keeps a copy of its request's body.
template <class Message>
Result<Message> decode_again(Bytes body, int16_t version) {
  return protocol::decode<Message>(body, version, named_max);
}

}  // namespace bobbin::broker
