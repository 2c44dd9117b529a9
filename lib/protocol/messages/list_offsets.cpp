#include "protocol/messages/list_offsets.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(ListOffsetsRequest);
BOBBIN_INSTANTIATE_RESPONSE(ListOffsetsResponse);

}  // namespace bobbin::protocol
