#include "base/host_port.h"

namespace bobbin {

std::optional<HostAndPort> split_host_port(std::string_view text) {
  HostAndPort out;
  std::string_view rest;
  if (text.starts_with('[')) {
    size_t end = text.find(']');
    if (end == text.npos) return std::nullopt;
    out.host = text.substr(1, end - 1);
    out.in_brackets = true;
    rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return std::nullopt;
  } else {
    size_t colon = std::min(text.rfind(':'), text.size());
    out.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (!rest.empty()) out.port = rest.substr(1);
  return out;
}

std::string host_port(std::string_view host, uint16_t port) {
  std::string out(host);
  if (host.find(':') != host.npos) out = "[" + out + "]";
  return out + ":" + std::to_string(port);
}

}  // namespace bobbin
