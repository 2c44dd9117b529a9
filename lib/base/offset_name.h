// Names of files that begin with an offset, as Kafka writes them: "00000000000000000042.log".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace bobbin {

// 20 digits, and what follows them.
std::string offset_name(Offset offset, std::string_view suffix);
// The offset in 20 digits with exactly this suffix, or nothing.
std::optional<Offset> parse_offset_name(std::string_view name, std::string_view suffix);

}  // namespace bobbin
