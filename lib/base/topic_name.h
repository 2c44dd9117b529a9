// The rules for names of topics, which are Kafka's. A name becomes a part of paths, a word on a command line and text on a
// terminal: it is checked wherever one enters, from a person, a client, a server or a file.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace bobbin {

inline constexpr size_t topic_name_bytes_max = 249;

// Whether a topic may be called so: 1 to 249 of [a-zA-Z0-9._-], and not "." or "..".
// Errc::invalid_topic_exception, with a sentence.
Status check_topic_name(std::string_view name);

}  // namespace bobbin
