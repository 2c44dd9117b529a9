#include "protocol/messages/create_partitions.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(CreatePartitionsRequest);
BOBBIN_INSTANTIATE_RESPONSE(CreatePartitionsResponse);

}  // namespace bobbin::protocol
