#include "protocol/messages/init_producer_id.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(InitProducerIdRequest);
BOBBIN_INSTANTIATE_RESPONSE(InitProducerIdResponse);

}  // namespace bobbin::protocol
