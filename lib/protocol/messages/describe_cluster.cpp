#include "protocol/messages/describe_cluster.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DescribeClusterRequest);
BOBBIN_INSTANTIATE_RESPONSE(DescribeClusterResponse);

}  // namespace bobbin::protocol
