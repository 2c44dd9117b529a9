#include "protocol/messages/describe_producers.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DescribeProducersRequest);
BOBBIN_INSTANTIATE_RESPONSE(DescribeProducersResponse);

}  // namespace bobbin::protocol
