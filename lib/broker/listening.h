// Listening: where a broker listens for TCP, as its settings say, and what other machines reach it at. Where it cannot, it
// tries again from time to time: what it cannot listen at is no reason to keep records from local clients.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/configs.h"
#include "metadata/image.h"
#include "os/seam.h"

namespace bobbin::broker {

class Listening {
 public:
  // See BrokerHooks::listen.
  using Heard = std::function<void(Result<std::optional<metadata::Endpoint>>)>;
  using Listen = std::function<void(const std::string& listener, bool insecure, Heard)>;
  using Say = std::function<void(const std::string& line)>;

  Listening(os::World& world, BrokerId self, Listen listen, Say say)
      : world_(world), self_(self), listen_(std::move(listen)), say_(std::move(say)) {}

  const std::vector<metadata::Endpoint>& endpoints() const { return endpoints_; }

  // `then` gets whether it listens. The old listener has ended, whatever becomes of the new one.
  void begin(const config::BrokerSettings& settings, std::function<void(bool listens)> then);
  // As begin(), where the settings say something else now or another try is due; `changed` when the endpoints may be others.
  void follow(const config::BrokerSettings& settings, std::function<void()> changed);
  std::optional<int64_t> next_try_ms() const { return next_try_ms_; }
  // From now on nobody is told.
  void end() { ended_ = true; }

 private:
  void listen(std::function<void(bool listens)> then);

  os::World& world_;
  BrokerId self_;
  Listen listen_;
  Say say_;
  std::string setting_;
  bool insecure_ = false;
  std::vector<metadata::Endpoint> endpoints_;
  std::optional<int64_t> next_try_ms_;
  int64_t pause_ms_ = 0;
  bool ended_ = false;
};

}  // namespace bobbin::broker
