#include "client/admin/offsets.h"

#include "client/admin/early_times.h"

namespace bobbin::client {

Result<std::vector<PartitionOffset>> list_offsets(Session& session, const std::string& topic, OffsetQuery query,
                                                  const std::vector<PartitionId>& partitions) {
  if (query.kind == OffsetQuery::Kind::time && query.time_ms < 0)
    return list_offsets_before_1970(session, topic, Timestamp(query.time_ms), partitions);
  return ask_leaders(session, topic, query, partitions);
}

}  // namespace bobbin::client
