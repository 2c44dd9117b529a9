#include "os/environment.h"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "os/errors.h"
#include "os/fd.h"

extern char** environ;

namespace bobbin::os {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value) return std::nullopt;
  return std::string(value);
}

std::vector<std::string> whole_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; entry && *entry; entry++) all.emplace_back(*entry);
  return all;
}

std::optional<std::string> home_dir() {
  auto home = environment("HOME");
  if (home && !home->empty()) return home;
  const passwd* user = ::getpwuid(::geteuid());
  if (!user || !user->pw_dir || !*user->pw_dir) return std::nullopt;
  return std::string(user->pw_dir);
}

std::string host_name() {
  char name[256] = "";
  if (::gethostname(name, sizeof name - 1) != 0) return "localhost";
  return name;
}

Result<std::string> current_dir() {
  char* dir = ::getcwd(nullptr, 0);
  if (!dir && errno == ENOENT)
    return error(Errc::not_found, "the working directory is gone: change to another one, or give absolute paths");
  if (!dir) return system_error("the working directory");
  std::string out(dir);
  std::free(dir);
  return out;
}

std::string boot_id() {
  Fd fd(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  char text[64];
  ssize_t n = fd.is_open() ? ::read(fd.value(), text, sizeof text) : 0;
  std::string out(text, n > 0 ? static_cast<size_t>(n) : 0);
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

}  // namespace bobbin::os
