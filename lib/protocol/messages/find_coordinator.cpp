#include "protocol/messages/find_coordinator.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(FindCoordinatorRequest);
BOBBIN_INSTANTIATE_RESPONSE(FindCoordinatorResponse);

}  // namespace bobbin::protocol
