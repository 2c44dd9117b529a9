#include "protocol/messages/leave_group.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(LeaveGroupRequest);
BOBBIN_INSTANTIATE_RESPONSE(LeaveGroupResponse);

}  // namespace bobbin::protocol
