#include "protocol/messages/metadata.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(MetadataRequest);
BOBBIN_INSTANTIATE_RESPONSE(MetadataResponse);

}  // namespace bobbin::protocol
