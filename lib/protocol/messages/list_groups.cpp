#include "protocol/messages/list_groups.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(ListGroupsRequest);
BOBBIN_INSTANTIATE_RESPONSE(ListGroupsResponse);

}  // namespace bobbin::protocol
