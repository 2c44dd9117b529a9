#include "broker/routes.h"

#include "broker/handlers/handlers.h"

namespace bobbin::broker {

namespace {

using protocol::ApiKey;

using Handler = void (*)(Broker&, const Request&, Reply);

template <class Message>
concept MayDeny = requires(const Broker& broker, const Message& message) { names_unknown(broker, message, int16_t{}); };

template <class Message>
void decode_and_handle(Broker& broker, const Request& request, Reply reply, bool looked_again = false);

// Handles it when the metadata was read once more. What is behind it on its connection waits.
template <class Message>
void look_again_and_handle(Broker& broker, const Request& request, Reply reply) {
  struct Kept {
    Request request;
    std::string body;
    Reply reply;
  };
  auto kept = std::make_shared<Kept>(Kept{request, std::string(request.body), std::move(reply)});
  kept->request.body = kept->body;
  broker.connections().hold(request.connection);
  broker.look_again([&broker, kept] { decode_and_handle<Message>(broker, kept->request, std::move(kept->reply), true); });
}

template <class Message>
void decode_and_handle(Broker& broker, const Request& request, Reply reply, bool looked_again) {
  auto message = protocol::decode<Message>(request.body, request.version);
  if (!message) {
    broker.say_of_client("a request of kind " + std::to_string(static_cast<int>(request.api_key)) + " version " +
               std::to_string(request.version) + " does not parse: " + message.error().message);
    return reply.close();
  }
  if constexpr (MayDeny<Message>)
    if (!looked_again && names_unknown(broker, *message, request.version)) return look_again_and_handle<Message>(broker, request, std::move(reply));
  handle(broker, request, std::move(*message), std::move(reply));
}

template <class Message>
void take(Broker& broker, const Request& request, Reply reply) {
  decode_and_handle<Message>(broker, request, std::move(reply));
}

struct Route {
  ApiKey key;
  Handler handler;
};

constexpr Route routes[] = {
    {ApiKey::produce, take<protocol::ProduceRequest>},
    {ApiKey::fetch, take<protocol::FetchRequest>},
    {ApiKey::list_offsets, take<protocol::ListOffsetsRequest>},
    {ApiKey::metadata, take<protocol::MetadataRequest>},
    {ApiKey::find_coordinator, take<protocol::FindCoordinatorRequest>},
    {ApiKey::api_versions, take<protocol::ApiVersionsRequest>},
    {ApiKey::create_topics, take<protocol::CreateTopicsRequest>},
    {ApiKey::delete_topics, take<protocol::DeleteTopicsRequest>},
    {ApiKey::init_producer_id, take<protocol::InitProducerIdRequest>},
    {ApiKey::describe_configs, take<protocol::DescribeConfigsRequest>},
    {ApiKey::create_partitions, take<protocol::CreatePartitionsRequest>},
    {ApiKey::incremental_alter_configs, take<protocol::IncrementalAlterConfigsRequest>},
    {ApiKey::describe_cluster, take<protocol::DescribeClusterRequest>},
};

// Records come with Produce only. Anything else is small, and a message in memory may take fifty times its frame.
constexpr size_t other_bytes_max = 8u << 20;

Handler find_handler(ApiKey key) {
  for (const Route& route : routes)
    if (route.key == key) return route.handler;
  return nullptr;
}

// protocol.md 2.2: in the layout of version 0, exactly, with the range of ApiVersions itself, so that any client can
// read it and ask again.
std::string api_versions_not_supported(int32_t correlation_id) {
  protocol::ApiVersionsResponse response;
  response.error_code = static_cast<int16_t>(Errc::unsupported_version);
  const protocol::Api* api = protocol::find_api(ApiKey::api_versions);
  response.api_keys.push_back({static_cast<int16_t>(api->key), api->advertised.first, api->advertised.last});
  return protocol::encode_response(correlation_id, 0, response);
}

}  // namespace

std::vector<std::string> frame_pieces(const protocol::FrameParts& parts, std::vector<std::unique_ptr<std::string>>& owned) {
  std::string head(4, '\0');
  store_be(head.data(), static_cast<int32_t>(parts.bytes()));
  std::vector<std::string> pieces{std::move(head)};
  size_t done = 0;
  auto next = owned.begin();
  for (const auto& [at, large] : parts.large) {
    pieces.back().append(parts.small, done, at - done);
    done = at;
    next = std::find_if(next, owned.end(), [&](const auto& o) { return o && o->data() == large.data() && o->size() == large.size(); });
    if (next == owned.end()) {
      pieces.emplace_back(large);
    } else {
      pieces.push_back(std::move(**next));
      ++next;
    }
    pieces.emplace_back();
  }
  pieces.back().append(parts.small, done);
  return pieces;
}

void route(Broker& broker, ConnectionId connection, Bytes frame) {
  using protocol::ApiKey;
  auto header = protocol::decode_request_header(frame);
  Reply reply = broker.connections().begin(connection);
  if (!header) return reply.close();
  const protocol::Api* api = protocol::find_api(header->api_key);
  Handler handler = api ? find_handler(header->api_key) : nullptr;
  if (!handler) return reply.close();
  if (header->api_key != ApiKey::produce && frame.size() > other_bytes_max) {
    broker.say_of_client("a request of kind " + std::to_string(static_cast<int>(header->api_key)) + " has " + std::to_string(frame.size()) + " bytes");
    return reply.close();
  }
  if (!api->versions.contains(header->api_version)) {
    if (header->api_key == ApiKey::api_versions) return reply.send(api_versions_not_supported(header->correlation_id));
    return reply.close();
  }
  Request request{connection,          header->api_key,       header->api_version,
                  header->correlation_id, std::string(header->client_id), frame};
  handler(broker, request, std::move(reply));
  if (header->api_key != ApiKey::produce) broker.connections().hold(connection);
}

}  // namespace bobbin::broker
