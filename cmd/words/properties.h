// Properties of Kafka's console tools, given as --property NAME=VALUE.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"

namespace bobbin::cmd {

// The truth value of a property, in any case, as Kafka's tools take it. Errc::usage for what is neither.
Result<bool> parse_truth(std::string_view property, std::string_view text);

// Errc::usage: TLS and SASL are not there yet, or the property is unknown (and which are known).
Error unknown_property(std::string_view name, std::span<const std::string_view> known);

}  // namespace bobbin::cmd
