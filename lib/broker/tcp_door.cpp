#include "broker/tcp_door.h"

#include <algorithm>

namespace bobbin::broker {

namespace {
constexpr int64_t name_ms_max = 5000;
}  // namespace

void TcpDoor::listen(const std::string& setting, bool insecure, Done done) {
  listener_.stop_tcp();
  address_.clear();
  deaf_.clear();
  open_to_others_ = false;
  wish_ = Wish{setting, insecure, std::move(done), wish_.turn + 1, clock_.mono_ms() + name_ms_max};
  if (setting.empty()) return finish(std::optional<metadata::Endpoint>());
  if (!resolving_) resolve();
}

// One at a time: a name that nobody answers for must not hold up every helper.
void TcpDoor::resolve() {
  auto parts = config::parse_listener(wish_.setting);
  if (!parts) return finish(std::move(parts).error());
  resolving_ = true;
  auto found = std::make_shared<Result<Addresses>>(Addresses());
  names_.submit([found, host = parts->host, port = parts->port] { *found = os::resolve_listener(host, port); },
                [this, found, parts = *parts, turn = wish_.turn] {
                  resolving_ = false;
                  if (!wish_.done) return;  // nobody waits for it any more
                  if (turn == wish_.turn) return finish(*found ? open(parts, **found) : std::move(*found).error());
                  resolve();
                });
}

Result<std::optional<metadata::Endpoint>> TcpDoor::open(const config::ListenerParts& parts,
                                                        const Addresses& addresses) {
  Addresses beyond = addresses;
  std::erase_if(beyond, [](const auto& a) { return a.is_loopback(); });
  const bool for_others = !beyond.empty();
  if (for_others && !wish_.insecure)
    return error(Errc::invalid_config, os::with_addresses(parts.address(), beyond) +
                                           " is reached from other machines, where nobody is asked who he is: "
                                           "insecure.listen.enable=true (or --insecure-listen) says that it is meant");
  using Door = transport::Listener::Door;
  BOBBIN_TRY_ASSIGN(bound, listener_.start_tcp(addresses, for_others ? Door::every_machine : Door::this_machine));
  for (const os::SocketAddress& a : bound) address_ += (address_.empty() ? "" : ",") + a.text();
  open_to_others_ = for_others;
  metadata::Endpoint endpoint;
  endpoint.name = parts.name;
  endpoint.host = bound.front().host();
  endpoint.port = bound.front().port();
  return std::optional<metadata::Endpoint>(endpoint);
}

void TcpDoor::finish(Result<std::optional<metadata::Endpoint>> endpoint) {
  if (!endpoint) deaf_ = endpoint.error().message;
  Done done = std::exchange(wish_.done, nullptr);
  if (done) done(std::move(endpoint));
}

void TcpDoor::expire() {
  if (wish_.done && clock_.mono_ms() >= wish_.patient_until_ms)
    finish(error(Errc::no_answer, wish_.setting + ": nobody tells the addresses of this name"));
}

}  // namespace bobbin::broker
