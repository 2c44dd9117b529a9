#include "protocol/messages/sync_group.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(SyncGroupRequest);
BOBBIN_INSTANTIATE_RESPONSE(SyncGroupResponse);

}  // namespace bobbin::protocol
