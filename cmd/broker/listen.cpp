#include "cmd/broker/listen.h"

#include "os/socket.h"

namespace bobbin::cmd {
namespace {

constexpr std::string_view address_alone = "127.0.0.1:9092";  // Kafka's port, on the loopback

// The addresses that other machines reach.
Result<std::vector<os::SocketAddress>> addresses_beyond(const std::string& listener) {
  BOBBIN_TRY_ASSIGN(parts, config::parse_listener(listener));
  auto addresses = os::resolve_listener(parts.host, parts.port);
  if (!addresses) return std::move(addresses).error().in("--listen");
  std::erase_if(*addresses, [](const os::SocketAddress& a) { return a.is_loopback(); });
  return addresses;
}

}  // namespace

Result<std::optional<Listen>> listen_of(const Arguments& arguments, const config::ConfigMap& configs) {
  auto text = arguments.text("listen");
  bool insecure = arguments.has("insecure-listen");
  if (!text && insecure) return error(Errc::usage, "--insecure-listen goes with --listen HOST:PORT");
  if (!text) return std::optional<Listen>();
  auto listener =
      config::checked_config(config::ConfigScope::broker, "listeners", text->empty() ? address_alone : *text);
  if (!listener) return error(Errc::usage, "--listen: " + listener.error().message);
  BOBBIN_TRY_ASSIGN(beyond, addresses_beyond(*listener));
  auto configured = configs.find("insecure.listen.enable");
  bool allowed = insecure || (configured != configs.end() && configured->second == "true");
  if (!beyond.empty() && !allowed)
    return error(Errc::usage,
                 "--listen: other machines reach " + os::with_addresses(*text, beyond) +
                     ", and whoever does reads, writes and deletes without being asked who he is; "
                     "--insecure-listen beside it says that this is meant (127.0.0.1 is for this machine alone)");
  return std::optional(Listen{*listener, insecure});
}

}  // namespace bobbin::cmd
