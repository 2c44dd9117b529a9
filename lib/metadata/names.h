// Names of topics: which may be (base/topic_name.h), which collide, and which are the brokers' own.
#pragma once

#include <string>
#include <string_view>

#include "base/topic_name.h"

namespace bobbin::metadata {

using bobbin::check_topic_name;
using bobbin::topic_name_bytes_max;

// Kafka's metrics write '.' as '_', so names that differ only there collide: two topics may not share this form.
std::string collision_form(std::string_view name);

// Topics that brokers keep for themselves (__consumer_offsets, __transaction_state, __share_group_state).
bool is_internal_topic(std::string_view name);

// Names that no topic is given (__cluster_metadata, __consumer_offsets, __transaction_state): to Kafka's tools they mean what
// brokers keep. One that was made so by an earlier version is read and deleted as any other.
bool is_reserved_topic(std::string_view name);

}  // namespace bobbin::metadata
