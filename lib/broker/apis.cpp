#include "broker/apis.h"

namespace bobbin::broker {

// A line for each API, in the order of the keys. What it is stands at the end of its handler's file.
// clang-format off
#define BOBBIN_APIS                  \
  produce_api,                       \
  fetch_api,                         \
  list_offsets_api,                  \
  metadata_api,                      \
  offset_commit_api,                 \
  offset_fetch_api,                  \
  find_coordinator_api,              \
  join_group_api,                    \
  heartbeat_api,                     \
  leave_group_api,                   \
  sync_group_api,                    \
  describe_groups_api,               \
  list_groups_api,                   \
  api_versions_api,                  \
  create_topics_api,                 \
  delete_topics_api,                 \
  delete_records_api,                \
  init_producer_id_api,              \
  offset_for_leader_epoch_api,       \
  describe_configs_api,              \
  alter_configs_api,                 \
  describe_log_dirs_api,             \
  create_partitions_api,             \
  delete_groups_api,                 \
  elect_leaders_api,                 \
  incremental_alter_configs_api,     \
  alter_partition_reassignments_api, \
  list_partition_reassignments_api,  \
  offset_delete_api,                 \
  describe_cluster_api,              \
  describe_producers_api,            \
  unregister_broker_api,             \
  describe_topic_partitions_api
// clang-format on

extern const ServedApi BOBBIN_APIS;

ServedApis served_apis() {
  static constexpr std::reference_wrapper<const ServedApi> list[] = {BOBBIN_APIS};
  return list;
}

}  // namespace bobbin::broker
