#include "protocol/messages/unregister_broker.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(UnregisterBrokerRequest);
BOBBIN_INSTANTIATE_RESPONSE(UnregisterBrokerResponse);

}  // namespace bobbin::protocol
