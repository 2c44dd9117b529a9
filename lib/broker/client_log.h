// ClientLog: lines for the broker's log that clients can cause as often as they like.
#pragma once

#include <functional>
#include <string>

#include "broker/seldom.h"
#include "os/seam.h"

namespace bobbin::broker {

class ClientLog {
 public:
  using Say = std::function<void(const std::string& line)>;
  ClientLog(os::Clock& clock, Say say) : clock_(clock), say_(std::move(say)) {}

  // Said once a minute, however often a client asks a full disk again.
  void storage_trouble(const std::string& line) { storage_trouble_.say(clock_.mono_ms(), line, say_); }
  // What is damaged in a log, as often as somebody comes upon it.
  void damage(const std::string& line) { damage_.say(clock_.mono_ms(), line, say_); }
  // What a client did, who may do it a thousand times a second.
  void of_client(const std::string& line) { of_clients_.say(clock_.mono_ms(), line, say_); }

 private:
  os::Clock& clock_;
  Say say_;
  Seldom storage_trouble_{1};
  Seldom damage_{30};
  Seldom of_clients_{10};
};

}  // namespace bobbin::broker
