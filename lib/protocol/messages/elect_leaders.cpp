#include "protocol/messages/elect_leaders.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(ElectLeadersRequest);
BOBBIN_INSTANTIATE_RESPONSE(ElectLeadersResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const ElectLeadersResponse&);
template size_t encode_ahead<ElectLeadersResponse>(Elements<ElectLeadersResponse::ReplicaElectionResult>&, int16_t);

}  // namespace bobbin::protocol
