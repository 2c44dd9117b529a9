#include "protocol/messages/metadata.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(MetadataRequest);
BOBBIN_INSTANTIATE_RESPONSE(MetadataResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const MetadataResponse&);
template size_t encode_ahead<MetadataResponse>(Elements<MetadataResponse::MetadataResponseTopic>&, int16_t);

}  // namespace bobbin::protocol
