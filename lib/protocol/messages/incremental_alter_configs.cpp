#include "protocol/messages/incremental_alter_configs.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(IncrementalAlterConfigsRequest);
BOBBIN_INSTANTIATE_RESPONSE(IncrementalAlterConfigsResponse);
template FrameParts encode_response_parts(int32_t, int16_t, const IncrementalAlterConfigsResponse&);
template size_t encode_ahead<IncrementalAlterConfigsResponse>(
    Elements<IncrementalAlterConfigsResponse::AlterConfigsResourceResponse>&, int16_t);

}  // namespace bobbin::protocol
