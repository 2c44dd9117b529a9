// The value of a topic's setting as a person writes it ("7d", "64MiB") and as it is sent.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bobbin::cmd {

// Ours are checked here, so that a wrong one is told before a broker is started for it. A real Kafka (not local) may
// know more: what we do not know goes to it as it is.
Result<std::string> topic_setting(std::string_view name, std::string_view value, bool is_local);

}  // namespace bobbin::cmd
