// In a child each, since it ends by what is tested.
#include "os/bus_error.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "os/mapping.h"
#include "os/posix/storage.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::os;
using test::TempDir;

namespace {

struct Ended {
  int status = 0;
  std::string said;
};

// `what` in a child that exits with 7 on a bus error, and with 0 if nothing ends it.
template <class What>
Ended in_child(What what) {
  int fds[2];
  REQUIRE(::pipe(fds) == 0);
  pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(fds[1], STDERR_FILENO);
    ::close(fds[0]);
    ::close(fds[1]);
    struct sigaction fatal {};  // Catch2 reports some signals
    fatal.sa_handler = SIG_DFL;
    ::sigaction(SIGBUS, &fatal, nullptr);
    exit_on_bus_error(7);
    what();
    ::_exit(0);
  }
  ::close(fds[1]);
  Ended ended;
  char buffer[4096];
  for (ssize_t n; (n = ::read(fds[0], buffer, sizeof buffer)) > 0;) ended.said.append(buffer, static_cast<size_t>(n));
  ::close(fds[0]);
  REQUIRE(::waitpid(pid, &ended.status, 0) == pid);
  return ended;
}

void touch(Bytes bytes) {
  for (size_t at = 0; at < bytes.size(); at += 512)
    static_cast<void>(*static_cast<const volatile char*>(bytes.data() + at));
}

}  // namespace

TEST_CASE("Bus error: a mapped file that becomes shorter ends the program with a line and its exit code") {
  TempDir dir;
  PosixStorage storage;
  std::string path = dir / "file";
  REQUIRE(write_whole_file(storage, path, std::string(3 * 4096, 'x')).ok());
  auto ended = in_child([&] {
    auto mapping = Mapping::open(path, 3 * 4096);
    if (!mapping) ::_exit(1);
    touch(mapping->bytes());
    if (::truncate(path.c_str(), 0) != 0) ::_exit(2);
    touch(mapping->bytes());
  });
  CHECK(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == 7);
  CHECK(ended.said == "bobbin: a file became shorter while it was read: it is damaged\n");
}

TEST_CASE("Bus error: what lies before the end of the file is no error, however much is mapped") {
  TempDir dir;
  PosixStorage storage;
  std::string path = dir / "file";
  REQUIRE(write_whole_file(storage, path, std::string(5000, 'x')).ok());
  auto ended = in_child([&] {
    auto mapping = Mapping::open(path, 1 << 20);
    if (!mapping) ::_exit(1);
    touch(mapping->bytes().substr(0, 5000));
  });
  CHECK(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == 0);
  CHECK(ended.said.empty());
}

TEST_CASE("Bus error: one that somebody sent ends the program by that signal, without a word of files") {
  auto ended = in_child([] {
    ::kill(::getpid(), SIGBUS);
    for (;;) ::pause();
  });
  CHECK(WIFSIGNALED(ended.status));
  CHECK(WTERMSIG(ended.status) == SIGBUS);
  CHECK(ended.said.find("shorter") == std::string::npos);
}
