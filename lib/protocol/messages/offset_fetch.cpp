#include "protocol/messages/offset_fetch.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(OffsetFetchRequest);
BOBBIN_INSTANTIATE_RESPONSE(OffsetFetchResponse);

}  // namespace bobbin::protocol
