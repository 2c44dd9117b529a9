#include "protocol/messages/alter_configs.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(AlterConfigsRequest);
BOBBIN_INSTANTIATE_RESPONSE(AlterConfigsResponse);

}  // namespace bobbin::protocol
