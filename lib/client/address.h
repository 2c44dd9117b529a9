// Address: where a broker of a cluster elsewhere is, as a person writes it: HOST:PORT.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bobbin::client {

struct Address {
  std::string host;  // without brackets
  uint16_t port = 0;
};

// "host:port", "[::1]:9092", "host" (9092). Errc::usage.
Result<Address> parse_address(std::string_view text);
// Several of them, separated by commas; at least one.
Result<std::vector<Address>> parse_addresses(std::string_view list);

}  // namespace bobbin::client
