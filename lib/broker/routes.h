// Routes: the table of the APIs that a broker answers, and the way of a request to its handler.
#pragma once

#include <string>

#include "broker/broker.h"
#include "protocol/codec.h"
#include "protocol/frame.h"

namespace bobbin::broker {

// One request as a handler gets it. The body is valid while the handler runs.
struct Request {
  ConnectionId connection{};
  protocol::ApiKey api_key{};
  int16_t version = 0;
  int32_t correlation_id = 0;
  std::string client_id;
  Bytes body;
};

std::vector<std::string> frame_pieces(const protocol::FrameParts& parts, std::vector<std::unique_ptr<std::string>>& owned);

// What an answer needs to know of its request; copied by those that answer later.
struct Answer {
  int16_t version = 0;
  int32_t correlation_id = 0;
  template <class Response>
  std::string frame(const Response& response) const {
    return protocol::encode_response(correlation_id, version, response);
  }
  // The same in pieces, which take over what of `owned` the response's views show.
  template <class Response>
  std::vector<std::string> pieces(const Response& response, std::vector<std::unique_ptr<std::string>>& owned) const {
    return frame_pieces(protocol::encode_response_parts(correlation_id, version, response), owned);
  }
};
inline Answer answer_to(const Request& r) { return {r.version, r.correlation_id}; }

// Finds the handler and runs it. A request that cannot be understood closes its connection, as Kafka does.
void route(Broker& broker, ConnectionId connection, Bytes frame);

}  // namespace bobbin::broker
