#include "client/address.h"

#include "base/number.h"
#include "base/text.h"

namespace bobbin::client {

Result<Address> parse_address(std::string_view text) {
  text = trimmed(text);
  auto bad = [&] {
    return error(Errc::usage,
                 "'" + escaped_for_line(text) + "' is no address of a broker: write HOST:PORT, such as localhost:9092");
  };
  Address address{"", 9092};
  std::string_view port;
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == text.npos) return bad();
    address.host = text.substr(1, end - 1);
    auto rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return bad();
    if (!rest.empty()) port = rest.substr(1);
  } else {
    auto colon = text.rfind(':');
    address.host = text.substr(0, colon);
    if (colon != text.npos) port = text.substr(colon + 1);
    if (colon != text.npos && port.empty()) return bad();
  }
  if (!port.empty()) address.port = number_in<uint16_t>(port).value_or(0);
  if (address.host.empty() || address.port == 0) return bad();
  return address;
}

Result<std::vector<Address>> parse_addresses(std::string_view list) {
  std::vector<Address> all;
  while (!list.empty()) {
    auto comma = list.find(',');
    auto part = list.substr(0, comma);
    list = comma == list.npos ? "" : list.substr(comma + 1);
    if (trimmed(part).empty()) continue;
    BOBBIN_TRY_ASSIGN(address, parse_address(part));
    all.push_back(std::move(address));
  }
  if (all.empty()) return error(Errc::usage, "the list of brokers is empty: write HOST:PORT, such as localhost:9092");
  return all;
}

}  // namespace bobbin::client
