#include "cmd/waiting.h"

#include "cmd/cluster.h"
#include "cmd/output/output.h"
#include "os/stdio.h"

namespace bobbin::cmd {
namespace {
constexpr int64_t silence_ms = 2000;
}

Waiting::Waiting(const Arguments& arguments)
    : arguments_(arguments), on_terminal_(os::is_terminal(os::stderr_fd)), since_(mono_ms()) {}

void Waiting::moved() {
  since_ = mono_ms();
  said_ = false;
}

void Waiting::on(const std::string& what, bool always) {
  if (what.empty()) return moved();
  if (said_ || mono_ms() - since_ < silence_ms) return;
  said_ = true;
  if (always || on_terminal_) notice(arguments_, "waiting for " + what);
}

int64_t Waiting::next_ms(bool anything_awaited) const {
  if (said_ || !anything_awaited) return -1;
  int64_t left = since_ + silence_ms - mono_ms();
  return left > 0 ? left : 0;
}

}  // namespace bobbin::cmd
