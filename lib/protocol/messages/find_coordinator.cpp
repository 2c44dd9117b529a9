#include "protocol/messages/find_coordinator.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(FindCoordinatorRequest);
BOBBIN_INSTANTIATE_RESPONSE(FindCoordinatorResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const FindCoordinatorResponse&);
template size_t encode_ahead<FindCoordinatorResponse>(Elements<FindCoordinatorResponse::Coordinator>&, int16_t);

}  // namespace bobbin::protocol
