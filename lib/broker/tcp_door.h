// TcpDoor: where a broker listens for clients over TCP. Names are resolved by helpers, never by the deciding thread, and are
// not waited for long: the broker goes on without, and asks again. What other machines reach is listened at only where that
// was said in words (insecure.listen.enable).
//
// Owned and used by the deciding thread alone.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/configs.h"
#include "metadata/image.h"
#include "os/seam.h"
#include "transport/listener.h"

namespace bobbin::broker {

class TcpDoor {
 public:
  using Done = std::function<void(Result<std::optional<metadata::Endpoint>>)>;

  // `names` resolves, and may take as long as servers of names do.
  TcpDoor(transport::Listener& listener, os::Jobs& names, os::Clock& clock)
      : listener_(listener), names_(names), clock_(clock) {}

  // Closes what is open and listens there ("PLAINTEXT://127.0.0.1:9092"; empty: nowhere). `done` gets what clients connect
  // to, or why it does not listen; it is dropped if listen() is called again before.
  void listen(const std::string& setting, bool insecure, Done done);

  // When expire() is to be called; empty: no name is awaited.
  std::optional<int64_t> deadline_ms() const {
    return wish_.done ? std::optional(wish_.patient_until_ms) : std::nullopt;
  }
  void expire();

  const std::string& address() const { return address_; }       // "127.0.0.1:9092,[::1]:9092"; empty: listens nowhere
  const std::string& deaf() const { return deaf_; }             // why not, though it should
  bool is_open_to_others() const { return open_to_others_; }    // other machines reach it
  const std::string& setting() const { return wish_.setting; }  // that these two came of

 private:
  struct Wish {
    std::string setting;
    bool insecure = false;
    Done done;
    uint64_t turn = 0;
    int64_t patient_until_ms = 0;
  };
  using Addresses = std::vector<os::SocketAddress>;
  void resolve();
  void finish(Result<std::optional<metadata::Endpoint>> endpoint);
  Result<std::optional<metadata::Endpoint>> open(const config::ListenerParts& parts, const Addresses& addresses);

  transport::Listener& listener_;
  os::Jobs& names_;
  os::Clock& clock_;
  Wish wish_;
  bool resolving_ = false;
  std::string address_, deaf_;
  bool open_to_others_ = false;
};

}  // namespace bobbin::broker
