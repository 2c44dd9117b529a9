#include "protocol/messages/create_topics.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(CreateTopicsRequest);
BOBBIN_INSTANTIATE_RESPONSE(CreateTopicsResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const CreateTopicsResponse&);
template size_t encode_ahead<CreateTopicsResponse>(Elements<CreateTopicsResponse::CreatableTopicResult>&, int16_t);

}  // namespace bobbin::protocol
