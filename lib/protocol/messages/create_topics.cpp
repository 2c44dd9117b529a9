#include "protocol/messages/create_topics.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(CreateTopicsRequest);
BOBBIN_INSTANTIATE_RESPONSE(CreateTopicsResponse);

}  // namespace bobbin::protocol
