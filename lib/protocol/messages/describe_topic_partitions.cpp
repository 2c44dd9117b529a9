#include "protocol/messages/describe_topic_partitions.h"

#include "protocol/codec_body.h"

namespace bobbin::protocol {

BOBBIN_INSTANTIATE_REQUEST(DescribeTopicPartitionsRequest);
BOBBIN_INSTANTIATE_RESPONSE(DescribeTopicPartitionsResponse);

}  // namespace bobbin::protocol
