#include "protocol/messages/describe_configs.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DescribeConfigsRequest);
BOBBIN_INSTANTIATE_RESPONSE(DescribeConfigsResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const DescribeConfigsResponse&);
template size_t encode_ahead<DescribeConfigsResponse>(Elements<DescribeConfigsResponse::DescribeConfigsResult>&,
                                                      int16_t);

}  // namespace bobbin::protocol
