#include "protocol/messages/heartbeat.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(HeartbeatRequest);
BOBBIN_INSTANTIATE_RESPONSE(HeartbeatResponse);

}  // namespace bobbin::protocol
