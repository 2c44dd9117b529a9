#include "protocol/messages/produce.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(ProduceRequest);
BOBBIN_INSTANTIATE_RESPONSE(ProduceResponse);
template FrameParts encode_request_parts(int32_t, std::string_view, int16_t, const ProduceRequest&);

}  // namespace bobbin::protocol
