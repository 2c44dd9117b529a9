#include "protocol/messages/delete_groups.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DeleteGroupsRequest);
BOBBIN_INSTANTIATE_RESPONSE(DeleteGroupsResponse);

}  // namespace bobbin::protocol
