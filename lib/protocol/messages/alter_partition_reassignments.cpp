#include "protocol/messages/alter_partition_reassignments.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

using AlterPartitionReassignmentsTopic = AlterPartitionReassignmentsResponse::ReassignableTopicResponse;

BOBBIN_INSTANTIATE_REQUEST(AlterPartitionReassignmentsRequest);
BOBBIN_INSTANTIATE_RESPONSE(AlterPartitionReassignmentsResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const AlterPartitionReassignmentsResponse&);
template size_t encode_ahead<AlterPartitionReassignmentsResponse>(Elements<AlterPartitionReassignmentsTopic>&, int16_t);

}  // namespace bobbin::protocol
