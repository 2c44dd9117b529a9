#include "protocol/messages/incremental_alter_configs.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(IncrementalAlterConfigsRequest);
BOBBIN_INSTANTIATE_RESPONSE(IncrementalAlterConfigsResponse);

}  // namespace bobbin::protocol
