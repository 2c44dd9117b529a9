#include "cmd/progress.h"

#include <cstdio>

#include "cmd/cluster.h"
#include "os/stdio.h"

namespace bobbin::cmd {
namespace {
constexpr int64_t first_ms = 1000;
constexpr int64_t every_ms = 200;
}  // namespace

// Where stdout is the terminal too, the data would run through the line.
Progress::Progress(const Arguments& arguments, std::string what)
    : on_(!arguments.has("quiet") && os::is_terminal(os::stderr_fd) && !os::is_terminal(os::stdout_fd)), what_(std::move(what)), next_ms_(mono_ms() + first_ms) {}

void Progress::show(uint64_t records) {
  if (!on_) return;
  int64_t now = mono_ms();
  if (now < next_ms_) return;
  next_ms_ = now + every_ms;
  std::fprintf(stderr, "\r%llu records %s\033[K", static_cast<unsigned long long>(records), what_.c_str());
  shown_ = true;
}

void Progress::clear() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

}  // namespace bobbin::cmd
