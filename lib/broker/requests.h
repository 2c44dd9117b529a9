// Requests: the way of a frame to its handler, and what may hold it up there:
//
//   frame ── no such API, version, sense ──> the connection is closed, as Kafka does
//     │
//     ├── no memory ──> waits (request_memory.h), and comes again
//     │
//     ├── names what is unknown here ──> when the metadata was read once more
//     ├── needs logs that are closed ──> when a job has opened them
//     │
//     └──> its handler
//
// Owned by the Broker, used by the deciding thread.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "broker/api.h"
#include "broker/contexts.h"
#include "broker/request.h"

namespace bobbin::broker {

// What a request has to wait for before it is handled.
struct Needs {
  // It names what this broker does not know, so that its answer would deny it. Another broker may have made it a moment ago:
  // the metadata is read once more before that is said.
  bool unknown = false;
  std::vector<cluster::TopicPartition> closed = {};  // logs that a job opens
};

class Requests {
 public:
  // All must outlive it.
  Requests(ServedApis apis, Contexts& contexts) : apis_(apis), contexts_(contexts) {}

  void take(ConnectionId connection, Bytes frame);

  // For served() alone: the request is whole, and of a version that there are messages for.
  template <class Context, class Message, auto handle, auto needs_of>
  void serve(const Request& request);

 private:
  // A request that is handled later, and until then holds back what is behind it on its connection. Records are in its copy.
  struct Kept {
    Kept(RequestMemory& memory_of, const Request& r, Reply answer)
        : request(r), body(r.body), memory(memory_of.budget().take(body.size())), reply(std::move(answer)) {
      request.frame = request.body = body;
    }
    template <class Message>
    Message message() const {
      auto again = decode_again<Message>(body, request.version);
      check(again.ok(), "what was read once is read again");
      return std::move(*again);
    }
    Request request;
    std::string body;
    Budget::Share memory;
    Reply reply;
  };
  // What a request holds until it is answered, as its handler may keep it: of what it names, and its strings. Records are
  // not kept, or counted by who does.
  static size_t memory_of(const Request& request, size_t named) {
    constexpr size_t bytes_of_one = 256;
    return named * bytes_of_one + (request.api_key == protocol::ApiKey::produce ? 0 : request.body.size());
  }
  const ServedApi* find(protocol::ApiKey key) const;
  std::string api_versions_not_supported(int32_t correlation_id) const;
  // Nothing, if it has to wait.
  std::optional<Reply> begin(const Request& request, size_t bytes);
  using Look = std::function<Needs(const Kept&)>;
  using Handle = std::function<void(Kept&)>;
  void handle_later(std::shared_ptr<Kept> kept, const Needs& needs, Look look, Handle handle);
  void open_and_handle(std::shared_ptr<Kept> kept, const Needs& needs, Handle handle);

  ServedApis apis_;
  Contexts& contexts_;
};

template <class Context, class Message, auto handle, auto needs_of>
void Requests::serve(const Request& request) {
  size_t named = 0;
  auto message = protocol::decode<Message>(request.body, request.version, named_max, &named);
  if (!message) return contexts_.data.connections.begin(request.connection).refuse(message.error());
  auto reply = begin(request, memory_of(request, named));
  if (!reply) return;
  Context& context = contexts_.of<Context>();
  if constexpr (!std::is_null_pointer_v<decltype(needs_of)>) {
    Needs needs = needs_of(context, *message, request.version);
    if (needs.unknown || !needs.closed.empty())
      return handle_later(
          std::make_shared<Kept>(contexts_.data.memory, request, std::move(*reply)), needs,
          [&context](const Kept& k) { return needs_of(context, k.message<Message>(), k.request.version); },
          [&context](Kept& k) { handle(context, k.request, k.message<Message>(), std::move(k.reply)); });
  }
  handle(context, request, std::move(*message), std::move(*reply));
}

template <class Function>
struct HandlerOf;
template <class C, class M>
struct HandlerOf<void (*)(C&, const Request&, M, Reply)> {
  using Context = C;
  using Message = M;
};

// The API whose requests `handle` answers: void handle(SomeContext&, const Request&, SomeRequest, Reply). Where an answer
// could deny what another broker has just made, or needs logs: Needs needs_of(SomeContext&, const SomeRequest&, int16_t
// version).
template <auto handle, auto needs_of = nullptr>
constexpr ServedApi served(protocol::VersionRange advertised = HandlerOf<decltype(handle)>::Message::versions) {
  using Of = HandlerOf<decltype(handle)>;
  return {Of::Message::api_key, advertised, [](Requests& requests, const Request& request) {
            requests.serve<typename Of::Context, typename Of::Message, handle, needs_of>(request);
          }};
}

}  // namespace bobbin::broker
