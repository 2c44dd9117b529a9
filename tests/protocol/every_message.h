// All messages that there is code for, to be walked by tests.
#pragma once

#include "group/record_messages.h"
#include "metadata/records.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/describe_producers.h"
#include "protocol/messages/describe_topic_partitions.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/list_partition_reassignments.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/sync_group.h"
#include "protocol/messages/unregister_broker.h"

namespace bobbin::protocol {

template <class... Ms>
struct Messages {
  // Calls f.template operator()<M>() for each.
  template <class F>
  static void each(F f) {
    (f.template operator()<Ms>(), ...);
  }
};

using Requests =
    Messages<ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest, OffsetCommitRequest, OffsetFetchRequest,
             FindCoordinatorRequest, JoinGroupRequest, HeartbeatRequest, LeaveGroupRequest, SyncGroupRequest,
             DescribeGroupsRequest, ListGroupsRequest, ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
             DeleteRecordsRequest, InitProducerIdRequest, OffsetForLeaderEpochRequest, DescribeConfigsRequest,
             AlterConfigsRequest, DescribeLogDirsRequest, CreatePartitionsRequest, DeleteGroupsRequest,
             ElectLeadersRequest, IncrementalAlterConfigsRequest, AlterPartitionReassignmentsRequest,
             ListPartitionReassignmentsRequest, OffsetDeleteRequest, DescribeClusterRequest, DescribeProducersRequest,
             UnregisterBrokerRequest, DescribeTopicPartitionsRequest>;
using Responses =
    Messages<ProduceResponse, FetchResponse, ListOffsetsResponse, MetadataResponse, OffsetCommitResponse,
             OffsetFetchResponse, FindCoordinatorResponse, JoinGroupResponse, HeartbeatResponse, LeaveGroupResponse,
             SyncGroupResponse, DescribeGroupsResponse, ListGroupsResponse, ApiVersionsResponse, CreateTopicsResponse,
             DeleteTopicsResponse, DeleteRecordsResponse, InitProducerIdResponse, OffsetForLeaderEpochResponse,
             DescribeConfigsResponse, AlterConfigsResponse, DescribeLogDirsResponse, CreatePartitionsResponse,
             DeleteGroupsResponse, ElectLeadersResponse, IncrementalAlterConfigsResponse,
             AlterPartitionReassignmentsResponse, ListPartitionReassignmentsResponse, OffsetDeleteResponse,
             DescribeClusterResponse, DescribeProducersResponse, UnregisterBrokerResponse,
             DescribeTopicPartitionsResponse>;
using Records =
    Messages<metadata::RegisterBrokerRecord, metadata::UnregisterBrokerRecord, metadata::TopicRecord,
             metadata::PartitionRecord, metadata::ConfigRecord, metadata::PartitionChangeRecord,
             metadata::FenceBrokerRecord, metadata::UnfenceBrokerRecord, metadata::RemoveTopicRecord,
             metadata::FeatureLevelRecord, metadata::ProducerIdsRecord, metadata::BrokerRegistrationChangeRecord,
             metadata::NoOpRecord, metadata::BeginTransactionRecord, metadata::EndTransactionRecord,
             metadata::SnapshotHeaderRecord, metadata::SnapshotFooterRecord>;
using GroupRecords =
    Messages<group::OffsetCommitKey, group::OffsetCommitValue, group::GroupMetadataKey, group::GroupMetadataValue>;

}  // namespace bobbin::protocol
