#include "protocol/messages/produce.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(ProduceRequest);
BOBBIN_INSTANTIATE_RESPONSE(ProduceResponse);

}  // namespace bobbin::protocol
