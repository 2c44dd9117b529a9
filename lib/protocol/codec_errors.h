// What the codec (codec.h) says, made once for all messages.
#pragma once

#include <string_view>

#include "base/result.h"
#include "protocol/api_key.h"

namespace bobbin::protocol {

Error no_such_version(std::string_view message, int16_t version, VersionRange known);
Error does_not_parse(std::string_view message, int16_t version, std::string_view where);
Error names_too_much(std::string_view message, int16_t version, size_t elements_max);
Error becomes_too_large(std::string_view message, int16_t version, size_t bytes, size_t bytes_max);

}  // namespace bobbin::protocol
