#include "protocol/messages/offset_for_leader_epoch.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(OffsetForLeaderEpochRequest);
BOBBIN_INSTANTIATE_RESPONSE(OffsetForLeaderEpochResponse);

}  // namespace bobbin::protocol
