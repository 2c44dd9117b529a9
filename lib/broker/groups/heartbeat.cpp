// Heartbeat 0 to 4. A client of ours may have it wait for news (wait_ms): it learns of a new generation at once. What comes
// behind it on its connection ends the wait.
#include "protocol/messages/heartbeat.h"
#include "broker/groups/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

namespace {

void heartbeat(GroupsContext& groups, const Request& request, protocol::HeartbeatRequest message, Reply reply) {
  struct Beating {
    Answer answer;
    std::string group_id;
    group::Caller caller;
    int32_t wait_ms;
    Reply reply;
    void tell(Errc what) {
      protocol::HeartbeatResponse response;
      response.error_code = wire_code(what);
      reply.send(answer.frame(response));
    }
  };
  auto beating = std::make_shared<Beating>(Beating{
      answer_to(request), message.group_id,
      caller_of(groups, request.connection, message.member_id, message.group_instance_id, message.generation_id),
      message.wait_ms, std::move(reply)});
  if (beating->wait_ms > 0) groups.connections.read_on(request.connection);
  if (!is_group_id(beating->group_id)) return beating->tell(Errc::invalid_group_id);
  groups.coordinators.with(beating->group_id, [beating](Result<group::Shard*> shard) {
    // A coordinator that is still reading takes nobody for dead.
    if (!shard)
      return beating->tell(shard.error().code == Errc::coordinator_load_in_progress ? Errc::none : shard.error().code);
    (*shard)->heartbeat(beating->group_id, beating->caller, beating->wait_ms,
                        [beating](Errc what) { beating->tell(what); });
  });
}

}  // namespace

extern constinit const ServedApi heartbeat_api = served<heartbeat>();

}  // namespace bobbin::broker
