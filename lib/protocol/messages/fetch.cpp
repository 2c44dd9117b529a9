#include "protocol/messages/fetch.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(FetchRequest);
BOBBIN_INSTANTIATE_RESPONSE(FetchResponse);

}  // namespace bobbin::protocol
