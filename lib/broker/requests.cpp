#include "broker/requests.h"

#include <algorithm>

#include "protocol/messages/api_versions.h"

namespace bobbin::broker {

namespace {

using protocol::ApiKey;

// Records come with Produce only. Anything else is small.
constexpr size_t other_bytes_max = 8u << 20;

}  // namespace

const ServedApi* Requests::find(ApiKey key) const {
  auto at = std::find_if(apis_.begin(), apis_.end(), [&](const ServedApi& api) { return api.key == key; });
  return at == apis_.end() ? nullptr : &at->get();
}

// KIP-511: in the layout of version 0, exactly, with the range of ApiVersions itself, so that any client can read it and
// ask again.
std::string Requests::api_versions_not_supported(int32_t correlation_id) const {
  protocol::ApiVersionsResponse response;
  response.error_code = static_cast<int16_t>(Errc::unsupported_version);
  const ServedApi* api = find(ApiKey::api_versions);
  response.api_keys.push_back({static_cast<int16_t>(api->key), api->advertised.first, api->advertised.last});
  return protocol::encode_response(correlation_id, 0, response);
}

void Requests::take(ConnectionId connection, Bytes frame) {
  Connections& connections = contexts_.data.connections;
  Bytes body = frame;
  auto header = protocol::decode_request_header(body);
  auto answer = [&] { return connections.begin(connection); };
  if (!header) return answer().close();
  const protocol::Api* facts = protocol::find_api(header->api_key);
  const ServedApi* api = facts ? find(header->api_key) : nullptr;
  if (!api) return answer().close();
  if (header->api_key != ApiKey::produce && body.size() > other_bytes_max)
    return answer().refuse(
        error(Errc::message_too_large, std::string(facts->name) + " has " + std::to_string(body.size()) + " bytes"));
  if (!facts->versions.contains(header->api_version)) {
    if (header->api_key == ApiKey::api_versions)
      return answer().send(api_versions_not_supported(header->correlation_id));
    return answer().close();
  }
  api->serve(*this, {connection, header->api_key, header->api_version, header->correlation_id,
                     std::string(header->client_id), frame, body});
  if (header->api_key != ApiKey::produce || contexts_.data.memory.has_enough_of(connection))
    connections.hold(connection);
}

std::optional<Reply> Requests::begin(const Request& request, size_t bytes) {
  RequestMemory& memory = contexts_.data.memory;
  if (!memory.has_room(bytes)) {
    memory.wait(request.connection, request.frame, bytes);
    return std::nullopt;
  }
  return contexts_.data.connections.begin(request.connection, memory.budget().take(bytes));
}

// Handled when the metadata was read once more, if it names what is unknown, and when the logs that it needs are open.
void Requests::handle_later(std::shared_ptr<Kept> kept, const Needs& needs, Look look, Handle handle) {
  contexts_.data.connections.send_away(kept->request.connection);
  if (!needs.unknown) return open_and_handle(std::move(kept), needs, std::move(handle));
  contexts_.data.metadata.look_again(
      [this, kept, look = std::move(look), handle = std::move(handle)] { open_and_handle(kept, look(*kept), handle); });
}

void Requests::open_and_handle(std::shared_ptr<Kept> kept, const Needs& needs, Handle handle) {
  contexts_.data.replicas.open(needs.closed, [this, kept, handle = std::move(handle)] {
    handle(*kept);
    contexts_.data.connections.come_back(kept->request.connection);
  });
}

}  // namespace bobbin::broker
