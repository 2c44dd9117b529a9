// The rules for names of topics, which are Kafka's.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bobbin::metadata {

inline constexpr size_t topic_name_bytes_max = 249;

// Whether a topic may be called so: 1 to 249 of [a-zA-Z0-9._-], and not "." or "..".
// Errc::invalid_topic_exception, with a sentence.
Status check_topic_name(std::string_view name);

// Kafka's metrics write '.' as '_', so names that differ only there collide: two topics may not share this form.
std::string collision_form(std::string_view name);

// Topics that brokers keep for themselves (__consumer_offsets, __transaction_state, __share_group_state).
bool is_internal_topic(std::string_view name);

}  // namespace bobbin::metadata
