#include "cmd/output/progress.h"

#include "cmd/cluster.h"
#include "os/stdio.h"

namespace bobbin::cmd {
namespace {
constexpr int64_t first_ms = 1000;
constexpr int64_t every_ms = 200;
}  // namespace

// Where stdout is the terminal too, the data would run through the line.
Progress::Progress(const Arguments& arguments, std::string what)
    : on_(!arguments.has("quiet") && os::is_terminal(os::stderr_fd) && !os::is_terminal(os::stdout_fd)),
      what_(std::move(what)), next_ms_(mono_ms() + first_ms) {}

void Progress::show(uint64_t records) {
  if (!on_) return;
  int64_t now = mono_ms();
  if (now < next_ms_) return;
  next_ms_ = now + every_ms;
  os::complain("\r" + std::to_string(records) + " records " + what_ + "\033[K");
  shown_ = true;
}

void Progress::clear() {
  if (shown_) os::complain("\r\033[K");
  shown_ = false;
}

}  // namespace bobbin::cmd
