// UnregisterBroker 0: the cluster forgets a broker, which keeps no replica and does not run: the others have nothing more to do with
// it. Kafka forgets one that has replicas, too, and leaves them without a broker; here they are moved away first.
#include "protocol/messages/unregister_broker.h"
#include "broker/admin/submitting.h"
#include "broker/requests.h"
#include "metadata/broker_changes.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::UnregisterBrokerRequest;
using Response = protocol::UnregisterBrokerResponse;

void unregister_broker(AdminContext& admin, const Request& request, RequestMessage message, Reply reply) {
  auto answer_with = [answer = answer_to(request), reply = std::make_shared<Reply>(std::move(reply))](const Status& s) {
    Response response;
    if (!s) {
      response.error_code = wire_code(s.error().code);
      response.error_message = s.error().message;
    }
    reply->send(answer.frame(response));
  };
  const BrokerId id(message.broker_id);
  if (admin.metadata.image().broker(id) && admin.metadata.is_live(id))
    return answer_with(error(Errc::invalid_request, "broker " + to_string(id) + " runs; stop it first"));
  submit_all(
      admin, 1, [id](size_t, const metadata::Image& image) { return metadata::unregister_broker(image, id); },
      [answer_with](const Outcomes& results) { answer_with(results[0]); });
}

}  // namespace

extern constinit const ServedApi unregister_broker_api = served<unregister_broker>();

}  // namespace bobbin::broker
