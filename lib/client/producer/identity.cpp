#include "client/producer/identity.h"

#include "client/admin/sentences.h"
#include "client/patience.h"
#include "client/request.h"
#include "client/session.h"
#include "protocol/messages/init_producer_id.h"

namespace bobbin::client {

Result<Identity> acquire_identity(Session& session) {
  int64_t give_up_at = session.now_ms() + session.target().timeout_ms;
  for (;;) {
    auto answer = ask<protocol::InitProducerIdRequest, protocol::InitProducerIdResponse>(session, {}, {});
    Errc code = answer ? errc_from_wire(answer->body.error_code) : answer.error().code;
    if (code == Errc::none && (answer->body.producer_id < 0 || answer->body.producer_epoch < 0))
      return error(Errc::malformed,
                   "the cluster gives a producer id that cannot be (" + std::to_string(answer->body.producer_id) + ")");
    if (code == Errc::none)
      return Identity{ProducerId(answer->body.producer_id), ProducerEpoch(answer->body.producer_epoch)};
    if (!is_retriable(code) && code != Errc::disconnected)
      return answer ? kafka_error(answer->body.error_code, std::nullopt, "a producer id") : std::move(answer).error();
    if (session.now_ms() >= give_up_at)
      return error(Errc::no_answer, "the cluster gives no producer id (" + std::string(name(code)) + ")");
    BOBBIN_TRY(session.wait({}, retry_pause_ms));
  }
}

}  // namespace bobbin::client
