// Probe: whether who holds a broker's lock does a broker's work, as a question over its socket. A lock alone does not tell: a
// killed process holds it, and its socket, until the kernel has taken its memory apart.
//
//   asked --advance--> answers | silent
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "home/cluster_dir.h"
#include "os/wait.h"
#include "transport/channel.h"

namespace bobbin::local {

class Probe {
 public:
  enum class State { asked, answers, silent };  // silent: it has hung up

  // Asks for the versions of a broker's requests. Errc::not_found, no_answer: nobody listens there.
  // Errc::permission_denied: who listens is not the cluster's (place.h).
  static Result<Probe> begin(const home::ClusterDir& dir, BrokerId id);

  State state() const { return state_; }
  // While asked.
  os::WaitFd wait_fd() const { return {.fd = channel_.fd(), .want_read = true, .want_write = channel_.wants_write()}; }
  void advance();

 private:
  explicit Probe(transport::Channel channel) : channel_(std::move(channel)) {}

  transport::Channel channel_;
  State state_ = State::asked;
};

}  // namespace bobbin::local
