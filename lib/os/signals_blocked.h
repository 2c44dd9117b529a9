// While it lives, no signal is delivered to this thread: nor to one that is begun meanwhile, or to a child, until they say
// otherwise, as both inherit the mask.
#pragma once

#include <csignal>

namespace bobbin::os {

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace bobbin::os
