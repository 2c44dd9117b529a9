#include "client/group/coordinator.h"

#include "client/patience.h"
#include "protocol/messages/find_coordinator.h"

namespace bobbin::client {

namespace {
constexpr int64_t pause_ms_max = 100;
}

bool is_of_coordinator(Errc code) {
  return code == Errc::coordinator_load_in_progress || code == Errc::coordinator_not_available ||
         code == Errc::not_coordinator;
}

std::optional<BrokerId> Coordinator::node() {
  if (node_ || asking_ || session_.now_ms() < not_before_) return node_;
  asking_ = true;
  protocol::FindCoordinatorRequest message;
  message.key = group_;
  message.coordinator_keys = {group_};
  request<protocol::FindCoordinatorRequest, protocol::FindCoordinatorResponse>(
      session_, {}, std::move(message), [self = self_](Result<Answer<protocol::FindCoordinatorResponse>> answer) {
        if (!*self) return;
        if (!answer) return (*self)->asked(answer.error().code, answer.error().message, broker_none);
        const auto& body = answer->body;
        if (answer->raw.version < 4)
          return (*self)->asked(errc_from_wire(body.error_code), body.error_message.value_or(""),
                                BrokerId(body.node_id));
        if (body.coordinators.empty()) return (*self)->asked(Errc::malformed, "an empty answer", broker_none);
        const auto& told = body.coordinators.front();
        (*self)->asked(errc_from_wire(told.error_code), told.error_message.value_or(""), BrokerId(told.node_id));
      });
  return node_;
}

void Coordinator::asked(Errc code, std::string why, BrokerId node) {
  asking_ = false;
  if (code == Errc::none && node != broker_none) {
    node_ = node;
    if (!session_.topology().nodes.contains(node)) session_.refresh_metadata();
    return;
  }
  trouble_ = std::move(why);
  not_before_ = session_.now_ms() + pause_after(missing_ms(), pause_ms_max);
}

void Coordinator::lost() {
  if (!node_) return;
  node_.reset();
  missing_since_ = session_.now_ms();
  not_before_ = session_.now_ms() + 1;
}

}  // namespace bobbin::client
