#include "protocol/api_key.h"

#include <algorithm>
#include <array>

namespace bobbin::protocol {

namespace {

constexpr std::array apis{
    Api{ApiKey::produce, "Produce", {3, 13}, 9},
    Api{ApiKey::fetch, "Fetch", {4, 18}, 12},
    Api{ApiKey::list_offsets, "ListOffsets", {1, 11}, 6},
    Api{ApiKey::metadata, "Metadata", {0, 13}, 9},
    Api{ApiKey::offset_commit, "OffsetCommit", {2, 10}, 8},
    Api{ApiKey::offset_fetch, "OffsetFetch", {1, 10}, 6},
    Api{ApiKey::find_coordinator, "FindCoordinator", {0, 6}, 3},
    Api{ApiKey::join_group, "JoinGroup", {0, 9}, 6},
    Api{ApiKey::heartbeat, "Heartbeat", {0, 4}, 4},
    Api{ApiKey::leave_group, "LeaveGroup", {0, 5}, 4},
    Api{ApiKey::sync_group, "SyncGroup", {0, 5}, 4},
    Api{ApiKey::describe_groups, "DescribeGroups", {0, 6}, 5},
    Api{ApiKey::list_groups, "ListGroups", {0, 5}, 3},
    Api{ApiKey::api_versions, "ApiVersions", {0, 4}, 3},
    Api{ApiKey::create_topics, "CreateTopics", {2, 7}, 5},
    Api{ApiKey::delete_topics, "DeleteTopics", {1, 6}, 4},
    Api{ApiKey::delete_records, "DeleteRecords", {0, 2}, 2},
    Api{ApiKey::init_producer_id, "InitProducerId", {0, 5}, 2},
    Api{ApiKey::offset_for_leader_epoch, "OffsetForLeaderEpoch", {2, 4}, 4},
    Api{ApiKey::describe_configs, "DescribeConfigs", {1, 4}, 4},
    Api{ApiKey::alter_configs, "AlterConfigs", {0, 2}, 2},
    Api{ApiKey::describe_log_dirs, "DescribeLogDirs", {1, 5}, 2},
    Api{ApiKey::create_partitions, "CreatePartitions", {0, 3}, 2},
    Api{ApiKey::delete_groups, "DeleteGroups", {0, 2}, 2},
    Api{ApiKey::elect_leaders, "ElectLeaders", {0, 2}, 2},
    Api{ApiKey::incremental_alter_configs, "IncrementalAlterConfigs", {0, 1}, 1},
    Api{ApiKey::alter_partition_reassignments, "AlterPartitionReassignments", {0, 1}, 0},
    Api{ApiKey::list_partition_reassignments, "ListPartitionReassignments", {0, 0}, 0},
    Api{ApiKey::offset_delete, "OffsetDelete", {0, 0}, never_flexible},
    Api{ApiKey::describe_cluster, "DescribeCluster", {0, 2}, 0},
    Api{ApiKey::describe_producers, "DescribeProducers", {0, 0}, 0},
    Api{ApiKey::unregister_broker, "UnregisterBroker", {0, 0}, 0},
    Api{ApiKey::describe_topic_partitions, "DescribeTopicPartitions", {0, 0}, 0},
};
static_assert(std::is_sorted(apis.begin(), apis.end(), [](const Api& a, const Api& b) { return a.key < b.key; }));

}  // namespace

std::span<const Api> known_apis() { return apis; }

const Api* find_api(ApiKey key) {
  auto at = std::lower_bound(apis.begin(), apis.end(), key, [](const Api& a, ApiKey k) { return a.key < k; });
  return at != apis.end() && at->key == key ? &*at : nullptr;
}

}  // namespace bobbin::protocol
