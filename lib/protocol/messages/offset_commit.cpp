#include "protocol/messages/offset_commit.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(OffsetCommitRequest);
BOBBIN_INSTANTIATE_RESPONSE(OffsetCommitResponse);

}  // namespace bobbin::protocol
