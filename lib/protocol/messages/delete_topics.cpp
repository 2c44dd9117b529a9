#include "protocol/messages/delete_topics.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DeleteTopicsRequest);
BOBBIN_INSTANTIATE_RESPONSE(DeleteTopicsResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const DeleteTopicsResponse&);
template size_t encode_ahead<DeleteTopicsResponse>(Elements<DeleteTopicsResponse::DeletableTopicResult>&, int16_t);

}  // namespace bobbin::protocol
