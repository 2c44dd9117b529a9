// ApiVersions 0 to 4. What is asked for in a higher version is answered in version 0 (requests.cpp). No feature is
// advertised but metadata.version: a listed feature is a switch that clients act on (transaction.version above all).
#include <cctype>

#include "broker/facts/context.h"
#include "broker/requests.h"
#include "protocol/messages/api_versions.h"

namespace bobbin::broker {

namespace {

constexpr int16_t metadata_version_least = 7;  // of Kafka 4: 3.3-IV3

// Kafka's rule for client_software_name and _version.
bool is_software_word(const std::string& word) {
  auto inner = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.'; };
  return !word.empty() && std::all_of(word.begin(), word.end(), inner) &&
         std::isalnum(static_cast<unsigned char>(word.front())) &&
         std::isalnum(static_cast<unsigned char>(word.back()));
}
void api_versions(FactsContext& facts, const Request& request, protocol::ApiVersionsRequest message, Reply reply) {
  protocol::ApiVersionsResponse response;
  if (request.version >= 3 &&
      (!is_software_word(message.client_software_name) || !is_software_word(message.client_software_version))) {
    response.error_code = static_cast<int16_t>(Errc::invalid_request);  // and nothing else, as Kafka
    return reply.send(answer_to(request).frame(response));
  }
  for (const ServedApi& api : facts.apis)
    response.api_keys.push_back({static_cast<int16_t>(api.key), api.advertised.first, api.advertised.last});
  for (const auto& [name, level] : facts.metadata.image().features()) {
    if (name != metadata::feature_metadata_version) continue;
    response.supported_features.push_back({name, metadata_version_least, level});
    response.finalized_features.push_back({name, level, level});
  }
  response.finalized_features_epoch = facts.metadata.image().next_offset().value - 1;
  response.takes_frames_in_memory = facts.connections.is_local(request.connection);
  reply.send(answer_to(request).frame(response));
}

}  // namespace

extern constinit const ServedApi api_versions_api = served<api_versions>();

}  // namespace bobbin::broker
