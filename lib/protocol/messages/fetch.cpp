#include "protocol/messages/fetch.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(FetchRequest);
BOBBIN_INSTANTIATE_RESPONSE(FetchResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const FetchResponse&);

}  // namespace bobbin::protocol
