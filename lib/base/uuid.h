// Text form of a Uuid: 22 characters of unpadded base64url, as Kafka writes topic ids.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace bobbin {

std::string to_string(const Uuid& id);
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace bobbin
