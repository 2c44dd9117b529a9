// InitProducerId 0 to 5: a fresh id, epoch 0, for idempotent producers. Not served: transactional ids.
#include "protocol/messages/init_producer_id.h"
#include "broker/data/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

void init_producer_id(DataContext& data, const Request& request, protocol::InitProducerIdRequest message, Reply reply) {
  Answer answer = answer_to(request);
  protocol::InitProducerIdResponse response;
  response.producer_epoch = -1;
  // Fatal to a client, so that it says so at once. An id and its epoch are told together.
  if (message.transactional_id || (message.producer_id == -1) != (message.producer_epoch == -1)) {
    response.error_code = static_cast<int16_t>(Errc::invalid_request);
    return reply.send(answer.frame(response));
  }
  auto kept = std::make_shared<Reply>(std::move(reply));
  data.producer_ids.take([kept, answer](Result<ProducerId> id) {
    protocol::InitProducerIdResponse told;
    if (id) {
      told.producer_id = id->value;
    } else {
      told.error_code = wire_code(id.error().code);
      told.producer_epoch = -1;
    }
    kept->send(answer.frame(told));
  });
}

}  // namespace

extern constinit const ServedApi init_producer_id_api = served<init_producer_id>();

}  // namespace bobbin::broker
