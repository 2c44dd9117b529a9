#include "protocol/messages/list_partition_reassignments.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

using ListPartitionReassignmentsTopic = ListPartitionReassignmentsResponse::OngoingTopicReassignment;

BOBBIN_INSTANTIATE_REQUEST(ListPartitionReassignmentsRequest);
BOBBIN_INSTANTIATE_RESPONSE(ListPartitionReassignmentsResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const ListPartitionReassignmentsResponse&);
template size_t encode_ahead<ListPartitionReassignmentsResponse>(Elements<ListPartitionReassignmentsTopic>&, int16_t);

}  // namespace bobbin::protocol
