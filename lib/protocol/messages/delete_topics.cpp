#include "protocol/messages/delete_topics.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DeleteTopicsRequest);
BOBBIN_INSTANTIATE_RESPONSE(DeleteTopicsResponse);

}  // namespace bobbin::protocol
