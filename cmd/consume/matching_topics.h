// Which topics the regular expressions of a consume mean.
#pragma once

#include <string>
#include <vector>

#include "client/session.h"
#include "cmd/topic/patterns.h"

namespace bobbin::cmd {

// Those that are there now, without internal ones. `text`: the first of the expressions.
// Errc::unknown_topic_or_partition: there is none.
Result<std::vector<std::string>> matching_topics(client::Session& session, const TopicPatterns& patterns,
                                                 const std::string& text);

}  // namespace bobbin::cmd
