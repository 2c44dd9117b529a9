// FindCoordinator 0 to 6: advertised because librdkafka up to 2.0 compresses with lz4 only for brokers that know its
// version 0. There are no groups or transactions to coordinate yet, and the answer says so: INVALID_REQUEST, which no
// client repeats.
#include "protocol/messages/find_coordinator.h"
#include "broker/facts/context.h"
#include "broker/named_once.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

void find_coordinator(FactsContext&, const Request& request, protocol::FindCoordinatorRequest message, Reply reply) {
  constexpr std::string_view why = "there are no consumer groups and no transactions here yet";
  protocol::FindCoordinatorResponse response;
  response.node_id = -1;
  response.port = -1;
  response.error_code = static_cast<int16_t>(Errc::invalid_request);
  response.error_message.emplace(why);
  if (request.version >= 4) {
    response.error_code = 0;
    response.error_message.reset();
    auto named = named_once(message.coordinator_keys.size(),
                            [&](size_t i) { return std::string_view(message.coordinator_keys[i]); });
    for (size_t i : named.first) {
      auto& told = response.coordinators.emplace_back();
      told.key = std::move(message.coordinator_keys[i]);
      told.node_id = -1;
      told.port = -1;
      told.error_code = static_cast<int16_t>(Errc::invalid_request);
      told.error_message.emplace(why);
      protocol::encode_ahead<protocol::FindCoordinatorResponse>(response.coordinators, request.version);
    }
  }
  reply.send_pieces(answer_to(request).pieces_of(response, response.coordinators));
}

}  // namespace

extern constinit const ServedApi find_coordinator_api = served<find_coordinator>();

}  // namespace bobbin::broker
