#include "protocol/messages/delete_records.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DeleteRecordsRequest);
BOBBIN_INSTANTIATE_RESPONSE(DeleteRecordsResponse);

}  // namespace bobbin::protocol
