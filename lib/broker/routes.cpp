#include "broker/routes.h"

#include "broker/handlers/handlers.h"

namespace bobbin::broker {

namespace {

using protocol::ApiKey;

using Handler = void (*)(Broker&, const Request&, Reply);

template <class Message>
void decode_and_handle(Broker& broker, const Request& request, Reply reply) {
  auto message = protocol::decode<Message>(request.body, request.version);
  if (!message) {
    broker.say_of_client("a request of kind " + std::to_string(static_cast<int>(request.api_key)) + " version " +
               std::to_string(request.version) + " does not parse: " + message.error().message);
    return reply.close();
  }
  handle(broker, request, std::move(*message), std::move(reply));
}

struct Route {
  ApiKey key;
  Handler handler;
};

constexpr Route routes[] = {
    {ApiKey::produce, decode_and_handle<protocol::ProduceRequest>},
    {ApiKey::fetch, decode_and_handle<protocol::FetchRequest>},
    {ApiKey::list_offsets, decode_and_handle<protocol::ListOffsetsRequest>},
    {ApiKey::metadata, decode_and_handle<protocol::MetadataRequest>},
    {ApiKey::find_coordinator, decode_and_handle<protocol::FindCoordinatorRequest>},
    {ApiKey::api_versions, decode_and_handle<protocol::ApiVersionsRequest>},
    {ApiKey::create_topics, decode_and_handle<protocol::CreateTopicsRequest>},
    {ApiKey::delete_topics, decode_and_handle<protocol::DeleteTopicsRequest>},
    {ApiKey::init_producer_id, decode_and_handle<protocol::InitProducerIdRequest>},
    {ApiKey::describe_configs, decode_and_handle<protocol::DescribeConfigsRequest>},
    {ApiKey::create_partitions, decode_and_handle<protocol::CreatePartitionsRequest>},
    {ApiKey::incremental_alter_configs, decode_and_handle<protocol::IncrementalAlterConfigsRequest>},
    {ApiKey::describe_cluster, decode_and_handle<protocol::DescribeClusterRequest>},
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
