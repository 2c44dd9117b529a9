#include "protocol/messages/describe_log_dirs.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DescribeLogDirsRequest);
BOBBIN_INSTANTIATE_RESPONSE(DescribeLogDirsResponse);

}  // namespace bobbin::protocol
