#include <fcntl.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "os/file_id.h"
#include "os/filesystem.h"
#include "os/mapping.h"
#include "os/posix/storage.h"
#include "os/signals.h"
#include "os/stdio.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::os;
using test::TempDir;

namespace {

struct Pipe {
  explicit Pipe(int flags = 0) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | flags) == 0);
    out = Fd(ends[0]);
    in = Fd(ends[1]);
  }
  Fd out;
  Fd in;
};

}  // namespace

TEST_CASE("stdio: everything is written and read through a small pipe, blocking or not") {
  int flags = GENERATE(0, O_NONBLOCK);
  Pipe p(flags);
  std::string sent(3 << 20, '\0');
  for (size_t i = 0; i < sent.size(); i++) sent[i] = static_cast<char>(i * 7 + i / 251);
  bool written = false;
  std::thread writer([&] {
    written = write_all(p.in.value(), sent).ok();
    p.in.close();
  });
  std::string got;
  char buffer[10000];
  for (;;) {
    auto n = read_some(p.out.value(), buffer).value();
    if (n == 0u) break;
    if (n) got.append(buffer, *n);
  }
  writer.join();
  CHECK(written);
  CHECK(got == sent);
}

TEST_CASE("stdio: a reader that has gone is disconnected, a full device is disk_full") {
  ignore_write_signals();
  Pipe p;
  p.out.close();
  CHECK(write_all(p.in.value(), "x").error().code == Errc::disconnected);
  Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(full.is_open());
  CHECK(write_all(full.value(), "x").error().code == Errc::disk_full);
}

namespace {

// Both ends of something that can be full.
struct Channel {
  Fd in;
  Fd out;
};

Channel channel(const std::string& kind) {
  int ends[2];
  if (kind == "pipe") REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  if (kind == "socket") REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  if (kind == "terminal") REQUIRE(::openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr) == 0);
  return {Fd(ends[1]), Fd(ends[0])};
}

}  // namespace

TEST_CASE("stdio: nothing is waited for where nobody reads, or nothing is there, though the descriptor waits") {
  auto kind = GENERATE(as<std::string>(), "pipe", "socket", "terminal");
  INFO(kind);
  Channel c = channel(kind);
  std::string much(64 << 20, 'x');
  size_t taken = 0;
  std::optional<size_t> last = 1;
  while (last.value_or(0) > 0) {
    last = write_some(c.in.value(), much).value();
    taken += last.value_or(0);
  }
  CHECK(taken > 0);
  CHECK(taken < much.size());
  for (size_t got = 0; got < taken;) {
    char buffer[100000];
    auto n = read_some(c.out.value(), buffer).value();
    got += n.value_or(0);
  }
  char one;
  CHECK_FALSE(read_some(c.out.value(), std::span(&one, 1)).value());
  CHECK(write_some(c.in.value(), "y").value() == 1u);
}

TEST_CASE("stdio: who went is told at once, whatever it was") {
  ignore_write_signals();
  auto kind = GENERATE(as<std::string>(), "pipe", "socket");
  Channel c = channel(kind);
  c.out.close();
  CHECK(write_some(c.in.value(), "x").error().code == Errc::disconnected);
  Channel d = channel(kind);
  d.in.close();
  char one;
  CHECK(read_some(d.out.value(), std::span(&one, 1)).value() == 0u);
}

TEST_CASE("stdio: a file is the same under each of its names") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(storage.make_dir(dir / "d"));
  REQUIRE(write_whole_file(storage, dir / "d/f", "x"));
  REQUIRE(write_whole_file(storage, dir / "other", "x"));
  REQUIRE(::symlink("d/f", (dir / "link").c_str()) == 0);
  std::string root = real_path(dir.path()).value();
  Fd fd(::open((dir / "d/f").c_str(), O_RDONLY | O_CLOEXEC));
  auto id = file_id(fd.value());
  REQUIRE(id);
  CHECK(file_id(dir / "link") == id);
  CHECK_FALSE(file_id(dir / "other") == id);
  CHECK_FALSE(file_id(dir / "none"));
  CHECK_FALSE(file_id(dir / "d"));
  CHECK_FALSE(file_id("/dev/null"));
  CHECK(name_below(root, fd.value()) == "d/f");
  CHECK(name_below(root + "/d", dir / "link") == "f");
  CHECK_FALSE(name_below(root + "/d", dir / "other"));
  REQUIRE(::link((dir / "d/f").c_str(), (dir / "hard").c_str()) == 0);
  CHECK(name_below(root + "/d", dir / "hard") == "f");
  CHECK(file_id(dir / "hard") == id);
}

TEST_CASE("stdio: tells pipes, files and terminals apart") {
  TempDir dir;
  Pipe p;
  Fd file(::open((dir / "f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  CHECK(is_fifo(p.in.value()));
  CHECK(!is_regular(p.in.value()));
  CHECK(is_regular(file.value()));
  CHECK(!is_fifo(file.value()));
  CHECK(!is_terminal(file.value()));
  CHECK(!is_terminal(p.in.value()));
  CHECK(!pipe_capacity(file.value()));
  CHECK(!terminal_columns(p.in.value()));
  CHECK(pipe_capacity(p.in.value()).value() >= 4096);
}

TEST_CASE("stdio: bytes that a pipe's reader has not taken are known, also after it went") {
  Pipe p;
  REQUIRE(write_all(p.in.value(), "12345"));
  CHECK(unread_bytes(p.in.value()) == 5u);
  char two[2];
  REQUIRE(read_some(p.out.value(), two));
  CHECK(unread_bytes(p.in.value()) == 3u);
  p.out.close();
  CHECK(unread_bytes(p.in.value()) == 3u);
}

TEST_CASE("Mapping: shows what is appended, and the rest of an input file") {
  TempDir dir;
  PosixStorage storage;
  auto file = storage.open(dir / "f", Open::create).value();
  REQUIRE(file->write("hello ", 0));
  Mapping mapping = Mapping::open(dir / "f", 1 << 20).value();
  CHECK(mapping.bytes().substr(0, 6) == "hello ");
  REQUIRE(file->write("world", 6));
  CHECK(mapping.bytes().substr(0, 11) == "hello world");

  Fd fd(::open((dir / "f").c_str(), O_RDONLY | O_CLOEXEC));
  Mapping rest = Mapping::rest_of(fd.value(), 3).value();
  rest.advise_sequential();
  CHECK(rest.bytes() == "lo world");
  Mapping moved = std::move(rest);
  CHECK(moved.bytes() == "lo world");
  CHECK(Mapping::rest_of(fd.value(), 11).value().bytes().empty());
  CHECK(Mapping::rest_of(fd.value(), 5000).value().bytes().empty());
}

TEST_CASE("Mapping: refuses what is no file") {
  TempDir dir;
  Pipe p;
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  CHECK(Mapping::open(dir / "none", 10).error().code == Errc::not_found);
  CHECK(!Mapping::open(dir.path(), 10));
  CHECK(!Mapping::open(dir / "fifo", 10));
  CHECK(!Mapping::rest_of(p.out.value(), 0));
}
