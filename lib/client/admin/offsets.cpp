#include "client/admin/offsets.h"

#include "client/admin/early_times.h"

namespace bobbin::client {

Result<std::vector<PartitionOffset>> list_offsets(Session& session, const std::string& topic, At query,
                                                  const std::vector<PartitionId>& partitions) {
  if (query.kind == At::Kind::time && time_of(query).value < 0)
    return list_offsets_before_1970(session, topic, time_of(query), partitions);
  return ask_leaders(session, topic, query, partitions);
}

}  // namespace bobbin::client
