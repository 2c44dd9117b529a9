// Kafka's errors as sentences.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace bobbin::client {

// Kafka's code and message as a sentence for a person; `what` names the thing ("topic orders").
Error kafka_error(int16_t code, const std::optional<std::string>& message, const std::string& what);

}  // namespace bobbin::client
