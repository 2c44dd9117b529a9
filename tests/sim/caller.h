// Caller: the part of a client that asks brokers something and gets an answer, or learns that none will come.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/codec.h"
#include "protocol/frame.h"
#include "sim/network.h"
#include "sim/node.h"

namespace bobbin::sim {

class Caller : public LineOwner {
 public:
  Caller(Stage& stage, Network& network, Nodes& nodes) : stage_(stage), network_(network), nodes_(nodes) {}

  // Sends a request over this caller's connection to the node, which is made if there is none. `then` gets the answer,
  // or nothing when the connection is lost. False: nobody listens there, and `then` is not kept.
  template <class Request, class Response>
  bool ask(size_t node, int16_t version, const Request& request, std::function<void(std::optional<Response>)> then) {
    auto line = line_to(node);
    if (!line) return false;
    int32_t id = next_id_++;
    auto decode = [this, version, then = std::move(then)](std::optional<Bytes> frame) {
      if (!frame) return then(std::nullopt);
      Bytes body = *frame;
      auto header = protocol::decode_response_header(Request::api_key, version, body);
      auto response = header ? protocol::decode<Response>(body, version) : Result<Response>(header.error());
      if (response) return then(std::move(*response));
      stage_.violate("an answer does not parse: " + response.error().message);
    };
    waiting_[*line].push_back({id, std::move(decode)});
    network_.send(*line, protocol::encode_request(id, "sim", version, request));
    return true;
  }

  void on_answer(LineId line, Bytes frame) override;
  void on_lost(LineId line) override;
  // Nobody listens any more to what may still come from there.
  void hang_up(size_t node);
  size_t nodes() const { return nodes_.size(); }

 private:
  struct Waiting {
    int32_t id;
    std::function<void(std::optional<Bytes>)> then;
  };
  std::optional<LineId> line_to(size_t node);

  Stage& stage_;
  Network& network_;
  Nodes& nodes_;
  std::map<size_t, LineId> by_node_;
  std::map<LineId, std::deque<Waiting>> waiting_;
  int32_t next_id_ = 1;
};

// Something that acts in a run.
class Actor {
 public:
  virtual ~Actor() = default;
  // Whether it would do something now.
  virtual bool wants_to_act() = 0;
  virtual void act() = 0;
  virtual std::optional<int64_t> deadline() { return std::nullopt; }
};

}  // namespace bobbin::sim
