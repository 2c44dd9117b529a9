// HOST:PORT as people and brokers write it. An IPv6 address stands in brackets before a port: "[::1]:9092".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bobbin {

// Views into the text that it was cut from.
struct HostAndPort {
  std::string_view host;                 // without brackets; may be empty
  std::optional<std::string_view> port;  // what follows the colon, whatever it is; nothing: there is no colon
  bool in_brackets = false;              // else a host with a colon may be meant as two things: "::1:9092"
};

// Nothing: something other than a port follows the bracket, or the bracket is not closed. Whether host and port are any, the
// caller knows: a listener may go without a host, a server without a port.
std::optional<HostAndPort> split_host_port(std::string_view text);

// "127.0.0.1:9092", "[::1]:9092".
std::string host_port(std::string_view host, uint16_t port);

}  // namespace bobbin
