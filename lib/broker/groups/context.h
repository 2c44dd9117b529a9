// GroupsContext: what the handlers of groups work with. Of a broker there is one of it, which lives as long as its requests.
#pragma once

#include <string>

#include "broker/admin/context.h"
#include "broker/groups/coordinators.h"

namespace bobbin::broker {

struct GroupsContext {
  os::World& world;
  MetadataView& metadata;
  Connections& connections;
  Coordinators& coordinators;
  AdminContext& admin;  // for the topic that groups are kept in
};

// The caller of a request by its fields.
group::Caller caller_of(const GroupsContext& groups, ConnectionId connection, std::string member_id,
                        std::optional<std::string> instance_id, int32_t generation);

// Kafka takes no group without a name.
inline bool is_group_id(const std::string& id) { return !id.empty(); }

}  // namespace bobbin::broker
