#include "protocol/messages/api_versions.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(ApiVersionsRequest);
BOBBIN_INSTANTIATE_RESPONSE(ApiVersionsResponse);

}  // namespace bobbin::protocol
