#include "protocol/messages/offset_delete.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(OffsetDeleteRequest);
BOBBIN_INSTANTIATE_RESPONSE(OffsetDeleteResponse);

}  // namespace bobbin::protocol
