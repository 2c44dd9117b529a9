#include "protocol/messages/elect_leaders.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(ElectLeadersRequest);
BOBBIN_INSTANTIATE_RESPONSE(ElectLeadersResponse);

}  // namespace bobbin::protocol
