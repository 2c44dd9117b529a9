#include "protocol/messages/join_group.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(JoinGroupRequest);
BOBBIN_INSTANTIATE_RESPONSE(JoinGroupResponse);

}  // namespace bobbin::protocol
