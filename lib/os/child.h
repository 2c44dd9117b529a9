// Child: a program that this process started and whose end it waits for.
//
// It has nothing of its starter's but the standard outputs, the working directory and what it is given: its input is a file
// in memory that holds everything, so that nobody waits for whoever does not read, and nobody dies of whoever does not. It is
// in a process group of its own: a Ctrl-C at the terminal is its starter's alone, and whatever it starts can be ended with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "os/fd.h"

namespace bobbin::os {

struct ChildOptions {
  std::vector<std::string> arguments;    // the first is a path
  std::vector<std::string> environment;  // NAME=VALUE, all of it
  Bytes input = {};                      // what its standard input holds
  std::vector<Bytes> files =
      {};  // what is to be read at the descriptors from child_files_fd on, at most child_files_max
};
inline constexpr int child_files_fd = 3;
inline constexpr size_t child_files_max = 4;

struct ChildEnd {
  enum class Kind { exited, killed };
  Kind kind = Kind::exited;
  int number = 0;  // its exit code, or the signal
  bool is_success() const { return kind == Kind::exited && number == 0; }
  bool operator==(const ChildEnd&) const = default;
};

class Child {
 public:
  // Errors are the system's: there is no such program, too many processes, an environment that is too large.
  static Result<Child> start(const ChildOptions& options);
  Child(Child&&) = default;
  Child& operator=(Child&&) = default;

  // Readable: it has ended.
  int fd() const { return fd_.value(); }
  int32_t pid() const { return pid_; }
  // How it ended, once; empty: not yet.
  std::optional<ChildEnd> end();
  // To it and to all that it has started. It must not have ended, or end() was not asked since.
  void signal(int signal);

 private:
  Child(int32_t pid, Fd fd) : pid_(pid), fd_(std::move(fd)) {}
  int32_t pid_;
  Fd fd_;
};

}  // namespace bobbin::os
