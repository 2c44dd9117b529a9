// All messages that there is code for, to be walked by tests.
#pragma once

#include "metadata/records.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/list_partition_reassignments.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"

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
    Messages<ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest, FindCoordinatorRequest,
             ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest, InitProducerIdRequest,
             DescribeConfigsRequest, CreatePartitionsRequest, ElectLeadersRequest, IncrementalAlterConfigsRequest,
             AlterPartitionReassignmentsRequest, ListPartitionReassignmentsRequest, DescribeClusterRequest>;
using Responses =
    Messages<ProduceResponse, FetchResponse, ListOffsetsResponse, MetadataResponse, FindCoordinatorResponse,
             ApiVersionsResponse, CreateTopicsResponse, DeleteTopicsResponse, InitProducerIdResponse,
             DescribeConfigsResponse, CreatePartitionsResponse, ElectLeadersResponse, IncrementalAlterConfigsResponse,
             AlterPartitionReassignmentsResponse, ListPartitionReassignmentsResponse, DescribeClusterResponse>;
using Records =
    Messages<metadata::RegisterBrokerRecord, metadata::UnregisterBrokerRecord, metadata::TopicRecord,
             metadata::PartitionRecord, metadata::ConfigRecord, metadata::PartitionChangeRecord,
             metadata::FenceBrokerRecord, metadata::UnfenceBrokerRecord, metadata::RemoveTopicRecord,
             metadata::FeatureLevelRecord, metadata::ProducerIdsRecord, metadata::BrokerRegistrationChangeRecord,
             metadata::NoOpRecord, metadata::BeginTransactionRecord, metadata::EndTransactionRecord,
             metadata::SnapshotHeaderRecord, metadata::SnapshotFooterRecord>;

}  // namespace bobbin::protocol
