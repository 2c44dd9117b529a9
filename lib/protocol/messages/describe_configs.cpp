#include "protocol/messages/describe_configs.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DescribeConfigsRequest);
BOBBIN_INSTANTIATE_RESPONSE(DescribeConfigsResponse);

}  // namespace bobbin::protocol
