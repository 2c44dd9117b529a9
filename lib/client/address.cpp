#include "client/address.h"

#include "base/host_port.h"
#include "base/number.h"
#include "base/text.h"

namespace bobbin::client {

Result<Address> parse_address(std::string_view text) {
  text = trimmed(text);
  auto bad = [&] {
    return error(Errc::usage,
                 "'" + escaped_for_line(text) + "' is no address of a broker: write HOST:PORT, such as localhost:9092");
  };
  auto at = split_host_port(text);
  if (!at || (!at->in_brackets && at->host.find(':') != at->host.npos)) return bad();
  Address address{std::string(at->host), 9092};
  if (at->port) address.port = number_in<uint16_t>(*at->port).value_or(0);
  if (address.host.empty() || address.port == 0) return bad();
  return address;
}

Result<std::vector<Address>> parse_addresses(std::string_view list) {
  std::vector<Address> all;
  for (std::string_view part : split(list, ',')) {
    if (trimmed(part).empty()) continue;
    BOBBIN_TRY_ASSIGN(address, parse_address(part));
    all.push_back(std::move(address));
  }
  if (all.empty()) return error(Errc::usage, "the list of brokers is empty: write HOST:PORT, such as localhost:9092");
  return all;
}

}  // namespace bobbin::client
