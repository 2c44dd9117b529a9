// FindCoordinator 0 to 6: advertised because librdkafka up to 2.0 compresses with lz4 only for brokers that know its
// version 0. There are no groups or transactions to coordinate yet, and the answer says so: INVALID_REQUEST, which no
// client repeats.
#include "broker/handlers/handlers.h"

namespace bobbin::broker {

void handle(Broker&, const Request& request, protocol::FindCoordinatorRequest message, Reply reply) {
  constexpr std::string_view why = "there are no consumer groups and no transactions here yet";
  protocol::FindCoordinatorResponse response;
  response.node_id = -1;
  response.port = -1;
  response.error_code = static_cast<int16_t>(Errc::invalid_request);
  response.error_message.emplace(why);
  if (request.version >= 4) {
    response.error_code = 0;
    response.error_message.reset();
    for (const std::string& key : message.coordinator_keys) {
      auto& told = response.coordinators.emplace_back();
      told.key = key;
      told.node_id = -1;
      told.port = -1;
      told.error_code = static_cast<int16_t>(Errc::invalid_request);
      told.error_message.emplace(why);
    }
  }
  reply.send(answer_to(request).frame(response));
}

}  // namespace bobbin::broker
