#include "protocol/messages/create_partitions.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(CreatePartitionsRequest);
BOBBIN_INSTANTIATE_RESPONSE(CreatePartitionsResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const CreatePartitionsResponse&);
template size_t encode_ahead<CreatePartitionsResponse>(Elements<CreatePartitionsResponse::CreatePartitionsTopicResult>&,
                                                       int16_t);

}  // namespace bobbin::protocol
