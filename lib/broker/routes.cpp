#include "broker/routes.h"

#include "broker/handlers.h"

namespace bobbin::broker {

namespace {

using protocol::ApiKey;

using Handler = void (*)(Broker&, const Request&);

// What a request holds until it is answered, as its handler may keep it: of what it names, and its strings. Records are not
// kept, or counted by who does.
size_t memory_of(const Request& request, size_t named) {
  constexpr size_t bytes_of_one = 256;
  return named * bytes_of_one + (request.api_key == ApiKey::produce ? 0 : request.body.size());
}

template <class Message>
concept HasNeeds = requires(Broker& broker, const Message& message) {
  needs_of(broker, message, int16_t{});
};

// A request that is handled later, and until then holds back what is behind it on its connection. Records are in its copy.
template <class Message>
struct Kept {
  Kept(Broker& broker, const Request& r, Reply answer)
      : request(r), body(r.body), memory(broker.request_memory().budget().take(body.size())), reply(std::move(answer)) {
    request.frame = request.body = body;
  }
  Request request;
  std::string body;
  Budget::Share memory;
  Reply reply;
};

template <class Message>
Message message_of(const Kept<Message>& kept) {
  auto message = decode_again<Message>(kept.body, kept.request.version);
  check(message.ok(), "what was read once is read again");
  return std::move(*message);
}

template <class Message>
void handle_kept(Broker& broker, Kept<Message>& kept) {
  handle(broker, kept.request, message_of(kept), std::move(kept.reply));
  broker.come_back(kept.request.connection);
}

template <class Message>
void open_and_handle(Broker& broker, std::shared_ptr<Kept<Message>> kept, const Needs& needs) {
  broker.partitions().open(needs.closed, [&broker, kept] { handle_kept(broker, *kept); });
}

// Handled when the metadata was read once more, if it names what is unknown, and when the logs that it needs are open.
template <class Message>
void handle_later(Broker& broker, const Request& request, const Needs& needs, Reply reply) {
  auto kept = std::make_shared<Kept<Message>>(broker, request, std::move(reply));
  broker.connections().send_away(request.connection);
  if (!needs.unknown) return open_and_handle(broker, std::move(kept), needs);
  broker.look_again(
      [&broker, kept] { open_and_handle(broker, kept, needs_of(broker, message_of(*kept), kept->request.version)); });
}

template <class Message>
void decode_and_handle(Broker& broker, const Request& request) {
  size_t named = 0;
  auto message = protocol::decode<Message>(request.body, request.version, named_max, &named);
  if (!message) return broker.connections().begin(request.connection).refuse(message.error());
  const size_t bytes = memory_of(request, named);
  if (!broker.request_memory().has_room(bytes))
    return broker.request_memory().wait(request.connection, request.frame, bytes);
  Reply reply = broker.connections().begin(request.connection, broker.request_memory().budget().take(bytes));
  if constexpr (HasNeeds<Message>) {
    Needs needs = needs_of(broker, *message, request.version);
    if (needs.unknown || !needs.closed.empty()) return handle_later<Message>(broker, request, needs, std::move(reply));
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

// Records come with Produce only. Anything else is small.
constexpr size_t other_bytes_max = 8u << 20;

Handler find_handler(ApiKey key) {
  for (const Route& route : routes)
    if (route.key == key) return route.handler;
  return nullptr;
}

// KIP-511: in the layout of version 0, exactly, with the range of ApiVersions itself, so that any client can read it and
// ask again.
std::string api_versions_not_supported(int32_t correlation_id) {
  protocol::ApiVersionsResponse response;
  response.error_code = static_cast<int16_t>(Errc::unsupported_version);
  const protocol::Api* api = protocol::find_api(ApiKey::api_versions);
  response.api_keys.push_back({static_cast<int16_t>(api->key), api->advertised.first, api->advertised.last});
  return protocol::encode_response(correlation_id, 0, response);
}

}  // namespace

std::vector<std::string> frame_pieces(const protocol::FrameParts& parts, const std::vector<std::string*>& owned) {
  std::string head(4, '\0');
  store_be(head.data(), static_cast<int32_t>(parts.bytes()));
  std::vector<std::string> pieces{std::move(head)};
  size_t done = 0;
  auto next = owned.begin();
  for (const auto& [at, large] : parts.large) {
    pieces.back().append(parts.small, done, at - done);
    done = at;
    next = std::find_if(next, owned.end(),
                        [&](const auto& o) { return o->data() == large.data() && o->size() == large.size(); });
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
  Bytes body = frame;
  auto header = protocol::decode_request_header(body);
  auto answer = [&] { return broker.connections().begin(connection); };
  if (!header) return answer().close();
  const protocol::Api* api = protocol::find_api(header->api_key);
  Handler handler = api ? find_handler(header->api_key) : nullptr;
  if (!handler) return answer().close();
  if (header->api_key != ApiKey::produce && body.size() > other_bytes_max)
    return answer().refuse(
        error(Errc::message_too_large, std::string(api->name) + " has " + std::to_string(body.size()) + " bytes"));
  if (!api->versions.contains(header->api_version)) {
    if (header->api_key == ApiKey::api_versions)
      return answer().send(api_versions_not_supported(header->correlation_id));
    return answer().close();
  }
  handler(broker, {connection, header->api_key, header->api_version, header->correlation_id,
                   std::string(header->client_id), frame, body});
  if (header->api_key != ApiKey::produce || broker.request_memory().has_enough_of(connection))
    broker.connections().hold(connection);
}

}  // namespace bobbin::broker
