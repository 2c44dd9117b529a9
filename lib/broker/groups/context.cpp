#include "broker/groups/context.h"

namespace bobbin::broker {

group::Caller caller_of(const GroupsContext& groups, ConnectionId connection, std::string member_id,
                        std::optional<std::string> instance_id, int32_t generation) {
  return {.member_id = std::move(member_id),
          .instance_id = std::move(instance_id),
          .generation = generation,
          .lifeline = groups.connections.is_local(connection) ? connection.value : 0};
}

}  // namespace bobbin::broker
