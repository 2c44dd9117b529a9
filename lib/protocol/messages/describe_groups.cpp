#include "protocol/messages/describe_groups.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DescribeGroupsRequest);
BOBBIN_INSTANTIATE_RESPONSE(DescribeGroupsResponse);

}  // namespace bobbin::protocol
