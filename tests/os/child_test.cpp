#include "os/child.h"

#include <catch2/catch.hpp>
#include <csignal>

#include "os/environment.h"
#include "os/memory_file.h"
#include "os/posix/storage.h"
#include "os/process.h"
#include "os/temp_dir.h"
#include "os/wait.h"

using namespace bobbin;
using namespace bobbin::os;
using test::TempDir;

namespace {

ChildOptions shell(std::string script, Bytes input = {}) {
  ChildOptions options{{"/bin/sh", "-c", std::move(script)}, whole_environment(), input};
  return options;
}

ChildEnd end_of(Child& child) {
  WaitFd fds[] = {{child.fd(), true}};
  REQUIRE(wait(fds, 30000).value() == 1);
  const auto end = child.end();
  REQUIRE(end);
  return *end;
}

ChildEnd run(const ChildOptions& options) {
  auto child = Child::start(options);
  REQUIRE(child.ok());
  return end_of(*child);
}

using Kind = ChildEnd::Kind;

}  // namespace

TEST_CASE("Child: tells how it ended, once") {
  CHECK(run(shell("exit 0")).is_success());
  CHECK(run(shell("exit 3")) == ChildEnd{Kind::exited, 3});
  CHECK(run(shell("kill -9 $$")) == ChildEnd{Kind::killed, SIGKILL});
  auto child = Child::start(shell("read -r _ < /dev/null; exec sleep 100"));
  REQUIRE(child.ok());
  CHECK(!child->end());
  child->signal(SIGTERM);
  CHECK(end_of(*child) == ChildEnd{Kind::killed, SIGTERM});
  CHECK(!child->end());
}

TEST_CASE("Child: its input holds every byte, however many, and need not be read") {
  TempDir dir;
  std::string bytes(3 << 20, '\0');
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<char>(i % 251);
  CHECK(run(shell("cat > '" + dir.path() + "/got'", bytes)).is_success());
  PosixStorage storage;
  CHECK(read_whole_file(storage, dir / "got").value() == bytes);
  CHECK(run(shell("exit 0", bytes)).is_success());
  CHECK(run(shell("test -z \"$(cat)\"")).is_success());
}

TEST_CASE("Child: finds further files under their descriptors, as often as it opens them") {
  auto options = shell("test \"$(cat /dev/fd/3)$(cat /dev/fd/4)$(cat /dev/fd/3)\" = onetwoone");
  options.files = {"one", "two"};
  CHECK(run(options).is_success());
}

TEST_CASE("Child: has the environment that it is given, and no descriptor of its starter's") {
  const auto ours = MemoryFile::create("ours", 100);
  REQUIRE(ours.ok());
  auto options = shell("test \"$A\" = 'x y' && test -z \"$HOME\" && ! test -e /dev/fd/" + std::to_string(ours->fd()));
  options.environment = {"A=x y", "PATH=/usr/bin:/bin"};
  CHECK(run(options).is_success());
}

TEST_CASE("Child: dies of a pipe that nobody reads, though its starter ignores that") {
  struct sigaction before {
  }, ignore{};
  ignore.sa_handler = SIG_IGN;
  REQUIRE(::sigaction(SIGPIPE, &ignore, &before) == 0);
  const auto end = run(shell("kill -PIPE $$; exit 0"));
  ::sigaction(SIGPIPE, &before, nullptr);
  CHECK(end == ChildEnd{Kind::killed, SIGPIPE});
}

TEST_CASE("Child: its end is known where the starter's starter ignored the ends of children") {
  struct sigaction before {
  }, ignore{};
  ignore.sa_handler = SIG_IGN;
  REQUIRE(::sigaction(SIGCHLD, &ignore, &before) == 0);
  const auto end = run(shell("exit 3"));
  ::sigaction(SIGCHLD, &before, nullptr);
  CHECK(end == ChildEnd{Kind::exited, 3});
}

TEST_CASE("Child: a signal reaches what it has started, too") {
  TempDir dir;
  auto child = Child::start(shell("sleep 100 & echo $! > '" + dir.path() + "/pid'; mv '" + dir.path() + "/pid' '" +
                                  dir.path() + "/there'; wait"));
  REQUIRE(child.ok());
  PosixStorage storage;
  Result<std::string> text = read_whole_file(storage, dir / "there");
  for (int i = 0; i < 3000 && !text; i++) {
    REQUIRE(wait({}, 10));
    text = read_whole_file(storage, dir / "there");
  }
  REQUIRE(text.ok());
  const auto grandchild = find_process(std::stoi(*text));
  REQUIRE(grandchild);
  child->signal(SIGKILL);
  CHECK(end_of(*child) == ChildEnd{Kind::killed, SIGKILL});
  for (int i = 0; i < 3000 && state(*grandchild) != ProcessState::gone; i++) REQUIRE(wait({}, 10));
  CHECK(state(*grandchild) == ProcessState::gone);
}

TEST_CASE("Child: a program that is not there is an error") {
  ChildOptions options{{"/nosuch"}, {}};
  CHECK(Child::start(options).error().code == Errc::not_found);
}
