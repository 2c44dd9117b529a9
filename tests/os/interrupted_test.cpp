// A signal that somebody handles comes while a thread waits in the kernel: whatever waits goes on waiting, or comes back
// empty where its header says so; it is never an error.
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <thread>

#include "os/poller.h"
#include "os/posix/clock.h"
#include "os/posix/storage.h"
#include "os/process.h"
#include "os/stdio.h"
#include "os/temp_dir.h"
#include "os/wait.h"

using namespace bobbin;
using namespace bobbin::os;
using test::TempDir;

namespace {

std::atomic<int> handled{0};

// SIGUSR1 has a handler that does not restart what it interrupts.
class Handled {
 public:
  Handled() {
    struct sigaction action {};
    action.sa_handler = [](int) { handled++; };
    ::sigaction(SIGUSR1, &action, &before_);
  }
  ~Handled() { ::sigaction(SIGUSR1, &before_, nullptr); }

 private:
  struct sigaction before_ {};
};

// A thread that does something which waits.
class Waiter {
 public:
  explicit Waiter(std::function<void()> work)
      : thread_([this, work = std::move(work)] {
          tid_ = static_cast<int>(::syscall(SYS_gettid));
          work();
          done_ = true;
        }) {}
  ~Waiter() { thread_.join(); }

  // Signals reach it while it sleeps, one after the other.
  void interrupt(int times) {
    for (int i = 0; i < times; i++) {
      REQUIRE(eventually([&] { return sleeps(); }));
      int before = handled;
      ::pthread_kill(thread_.native_handle(), SIGUSR1);
      REQUIRE(eventually([&] { return handled > before; }));
    }
  }
  // As often as it takes for it to come back.
  void interrupt_until_done() {
    while (!done_) {
      ::pthread_kill(thread_.native_handle(), SIGUSR1);
      ::usleep(1000);
    }
  }
  bool is_done() const { return done_; }
  template <class Holds>
  static bool eventually(Holds holds) {
    PosixClock clock;
    for (int64_t end = clock.mono_ms() + 30'000; !holds();) {
      if (clock.mono_ms() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

 private:
  bool sleeps() const {
    if (tid_ == 0) return false;
    std::ifstream file("/proc/self/task/" + std::to_string(tid_) + "/stat");
    std::string text;
    std::getline(file, text);
    return text.find(") S ") != std::string::npos;
  }
  std::atomic<int> tid_{0};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    in = Fd(ends[0]);
    out = Fd(ends[1]);
  }
  Fd in, out;
};

}  // namespace

TEST_CASE("Interrupted: who waits for a lock still gets it") {
  Handled signals;
  TempDir dir;
  PosixStorage storage;
  auto held = storage.try_lock(dir / "lock").value();
  Result<std::unique_ptr<Lock>> got = error(Errc::busy);
  {
    Waiter waiter([&] { got = storage.lock(dir / "lock"); });
    waiter.interrupt(5);
    CHECK_FALSE(waiter.is_done());
    held.reset();
  }
  REQUIRE(got.ok());
  CHECK(storage.is_locked(dir / "lock"));
}

TEST_CASE("Interrupted: what is written to a pipe that is full arrives whole, blocking or not") {
  Handled signals;
  const bool blocks = GENERATE(true, false);
  Pipe pipe;
  if (!blocks) REQUIRE(::fcntl(pipe.out.value(), F_SETFL, O_NONBLOCK) == 0);
  std::string sent;
  for (int i = 0; i < 60'000; i++) sent += std::to_string(i) + "\n";  // several times what a pipe holds
  Status written = error(Errc::busy);
  std::string arrived;
  {
    Waiter waiter([&] { written = write_all(pipe.out.value(), sent); });
    while (arrived.size() < sent.size()) {
      if (!waiter.is_done() && sent.size() - arrived.size() > 200'000) waiter.interrupt(2);
      char buffer[30'000];
      ssize_t n = ::read(pipe.in.value(), buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      REQUIRE(n > 0);
      arrived.append(buffer, static_cast<size_t>(n));
    }
  }
  CHECK(written.ok());
  CHECK(arrived == sent);
}

TEST_CASE("Interrupted: waiting for descriptors comes back with nothing, and is no error") {
  Handled signals;
  Pipe pipe;
  Result<int> waited = error(Errc::busy), read = error(Errc::busy);
  bool polled = false, nothing_read = false;
  {
    Waiter waiter([&] {
      WaitFd fds[] = {{pipe.in.value(), true}};
      waited = wait(fds, 30'000);
    });
    waiter.interrupt_until_done();
  }
  REQUIRE(waited.ok());
  CHECK(*waited == 0);
  {
    Poller poller = std::move(Poller::open().value());
    REQUIRE(poller.add(pipe.in.value(), 1, {.read = true}));
    Waiter waiter([&] {
      auto ready = poller.wait(30'000);
      polled = ready.ok() && ready->empty();
    });
    waiter.interrupt_until_done();
  }
  CHECK(polled);
  {
    Waiter waiter([&] {
      char buffer[10];
      auto got = read_some(pipe.in.value(), buffer);
      nothing_read = got.ok() && !got->has_value();
    });
    waiter.interrupt_until_done();
  }
  CHECK(nothing_read);
}

TEST_CASE("Interrupted: who waits for a daemon hears that it is ready") {
  Handled signals;
  TempDir dir;
  DaemonOptions options;
  options.exe = "/bin/sh";
  // Ready when it is told.
  options.args = {"-c", "until [ -e \"$1/go\" ]; do sleep 0.02; done; echo ready >&3", "sh", dir.path()};
  options.log_path = dir / "log";
  options.ready_timeout_ms = 30'000;
  Result<int32_t> pid = error(Errc::busy);
  {
    Waiter waiter([&] { pid = spawn_daemon(options); });
    waiter.interrupt(5);
    PosixStorage storage;
    REQUIRE(storage.open(dir / "go", Open::create));
  }
  CHECK(pid.ok());
}
