#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "os/environment.h"
#include "os/filesystem.h"
#include "os/mapping.h"
#include "os/posix/storage.h"
#include "os/signals.h"
#include "os/socket.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::os;
using test::TempDir;

namespace {

std::string contents(File& file) {
  std::string out(file.size().value(), '\0');
  out.resize(file.read({out.data(), out.size()}, 0).value());
  return out;
}

unsigned mode_of(const std::string& path) {
  struct stat s {};
  REQUIRE(::stat(path.c_str(), &s) == 0);
  return s.st_mode & 07777;
}

// While it lives, no file may become longer.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ignore_write_signals();
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("Storage: what is written is read, wherever it was written") {
  TempDir dir;
  PosixStorage storage;
  auto file = storage.open(dir / "f", Open::create).value();
  REQUIRE(file->write("world", 6));
  REQUIRE(file->write("hello ", 0));
  CHECK(contents(*file) == "hello world");
  char two[2];
  CHECK(file->read(two, 10).value() == 1);
  CHECK(file->read(two, 11).value() == 0);
  CHECK(file->read(two, 4000).value() == 0);
  REQUIRE(file->truncate(5));
  REQUIRE(file->sync());
  CHECK(contents(*file) == "hello");
  CHECK(mode_of(dir / "f") == 0600);
}

TEST_CASE("Storage: a gathered write is written whole, however many and however empty its parts") {
  TempDir dir;
  PosixStorage storage;
  auto file = storage.open(dir / "f", Open::create).value();
  std::vector<std::string> texts;
  std::string whole;
  for (int i = 0; i < 1000; i++) {
    texts.push_back(i % 7 == 0 ? std::string() : std::string(static_cast<size_t>(i), static_cast<char>('a' + i % 26)));
    whole += texts.back();
  }
  std::vector<Bytes> parts(texts.begin(), texts.end());
  REQUIRE(file->write(parts, 3));
  CHECK(contents(*file) == std::string(3, '\0') + whole);
  CHECK(file->write(std::span<const Bytes>(), 0));
  CHECK(file->write(Bytes(), 0));
}

TEST_CASE("Storage: a write that is cut short at a limit says so, and what fits is there") {
  TempDir dir;
  PosixStorage storage;
  auto file = storage.open(dir / "f", Open::create).value();
  FileSizeLimit limit(4096 + 100);
  std::string page(4096, 'x');
  Bytes parts[] = {page, page};
  Status status = file->write(parts, 0);
  REQUIRE(!status);
  CHECK(status.error().code == Errc::file_too_large);
  CHECK(status.error().message.find(dir / "f") == 0);
  CHECK(status.error().message.find("files of 4196 bytes") != std::string::npos);
  CHECK(file->size().value() == 4096 + 100);
}

TEST_CASE("Storage: how a file is opened decides whether it may or must exist") {
  TempDir dir;
  PosixStorage storage;
  CHECK(storage.open(dir / "f", Open::read).error().code == Errc::not_found);
  CHECK(storage.open(dir / "f", Open::write).error().code == Errc::not_found);
  CHECK(storage.open(dir / "f", Open::create_new));
  CHECK(storage.open(dir / "f", Open::create_new).error().code == Errc::busy);
  CHECK(storage.open(dir / "f", Open::create));
  CHECK(storage.open(dir / "no/f", Open::create).error().code == Errc::not_found);
  auto reader = storage.open(dir / "f", Open::read).value();
  CHECK(reader->write("x", 0).error().code == Errc::io_error);
}

TEST_CASE("Storage: a symbolic link is not followed") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(storage.open(dir / "target", Open::create));
  REQUIRE(::symlink((dir / "target").c_str(), (dir / "link").c_str()) == 0);
  auto opened = storage.open(dir / "link", Open::read);
  REQUIRE(!opened);
  CHECK(opened.error().code == Errc::misplaced);
  CHECK(opened.error().message == (dir / "link") + ": is a symbolic link (to " + (dir / "target") +
                                      "), which is not followed: put the file itself there");
  CHECK(!storage.try_lock(dir / "link"));
}

TEST_CASE("Storage: what is no file is an error at once, however it is opened") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  Fd socket = listen_unix(dir / "socket").value();
  REQUIRE(storage.make_dir(dir / "dir"));
  REQUIRE(::symlink("/dev/zero", (dir / "zero").c_str()) == 0);
  std::vector<std::string> paths{dir / "fifo", dir / "socket", dir / "dir", dir / "zero", "/dev/zero", "/dev/tty"};
  for (const std::string& path : paths) {
    CAPTURE(path);
    for (Open how : {Open::read, Open::write, Open::create}) {
      auto opened = storage.open(path, how);
      REQUIRE_FALSE(opened.ok());
      if (path.starts_with(dir.path())) CHECK(opened.error().code == Errc::misplaced);
      if (path.starts_with(dir.path())) CHECK(opened.error().message.starts_with(path + ": is a"));
    }
    CHECK_FALSE(read_whole_file(storage, path).ok());
    CHECK_FALSE(storage.try_lock(path).ok());
    CHECK_FALSE(storage.lock(path).ok());
    CHECK_FALSE(Mapping::open(path, 1).ok());
  }
  CHECK(storage.open(dir / "fifo", Open::read).error().message ==
        (dir / "fifo") + ": is a FIFO, where a file belongs: move it away");
  CHECK(read_whole_file(storage, dir / "dir").error().message ==
        (dir / "dir") + ": is a directory, where a file belongs: move it away");
  CHECK(read_whole_file(storage, "/dev/zero").error().message ==
        "/dev/zero: is a device, where a file belongs: move it away");
  // Nobody holds a lock on it, and whoever wants to is told.
  CHECK_FALSE(storage.is_locked(dir / "fifo"));
  CHECK_FALSE(storage.is_locked(dir / "socket"));
  CHECK_FALSE(storage.is_locked(dir / "dir"));
}

TEST_CASE("Storage: what is no folder where one belongs is told, and is not taken for one that is not there") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  REQUIRE(storage.open(dir / "file", Open::create));
  REQUIRE(storage.make_dir(dir / "folder"));
  REQUIRE(::symlink("nowhere", (dir / "dangling").c_str()) == 0);
  REQUIRE(::symlink("folder", (dir / "link").c_str()) == 0);
  auto says = [&](const std::string& name, const std::string& what) {
    for (const Error& told : {storage.list(dir / name).error(), storage.make_dir(dir / name).error()}) {
      CHECK(told.code == Errc::misplaced);
      CHECK(told.message == (dir / name) + ": is " + what);
    }
  };
  says("fifo", "a FIFO, where a folder belongs: move it away");
  says("file", "a file, where a folder belongs: move it away");
  says("dangling", "a symbolic link to nowhere, where there is no directory: make that, or mount its disk");
  CHECK(storage.list(dir / "link").ok());
  CHECK(storage.make_dir(dir / "link"));
  CHECK(storage.list(dir / "none").error().code == Errc::not_found);
  CHECK(storage.stat(dir / "fifo")->is_other);
  CHECK(storage.stat(dir / "dangling")->is_other);
  CHECK_FALSE(storage.stat(dir / "link")->is_other);
  CHECK_FALSE(storage.stat(dir / "file")->is_other);
  // What is put in the place of a file.
  REQUIRE(write_whole_file(storage, dir / "fifo", "x"));
  CHECK(write_whole_file(storage, dir / "folder", "x").error().code == Errc::misplaced);
  CHECK(storage.unlink(dir / "folder").error().code == Errc::misplaced);
  CHECK(remove_tree(storage, dir / "file"));
  CHECK_FALSE(exists(dir / "file"));
}

TEST_CASE("Filesystem: root gives away what it made, and nothing that another put in its place") {
  if (::geteuid() != 0) return;
  TempDir dir;
  PosixStorage storage;
  constexpr uid_t theirs = 65533;
  REQUIRE(storage.make_dir(dir / "c"));
  REQUIRE(::chown((dir / "c").c_str(), theirs, theirs) == 0);
  auto owner = [](const std::string& path) {
    struct stat s {};
    return ::lstat(path.c_str(), &s) == 0 ? s.st_uid : uid_t(-1);
  };
  REQUIRE(write_whole_file(storage, dir / "secret", "x"));
  REQUIRE(write_whole_file(storage, dir / "c/made", "x"));
  REQUIRE(::symlink((dir / "secret").c_str(), (dir / "c/link").c_str()) == 0);
  REQUIRE(::link((dir / "secret").c_str(), (dir / "c/second-name").c_str()) == 0);
  REQUIRE(storage.make_dir(dir / "c/dir"));
  CHECK(give_to_owner_of(dir / "c", dir / "c/made"));
  CHECK(owner(dir / "c/made") == theirs);
  CHECK(give_to_owner_of(dir / "c", dir / "c/made"));  // it is already
  for (const char* name : {"c/link", "c/second-name", "c/dir"})
    CHECK(give_to_owner_of(dir / "c", dir / name).error().code == Errc::permission_denied);
  CHECK(owner(dir / "secret") == 0);
  CHECK(owner(dir / "c/link") == 0);
  CHECK(give_to_owner_of(dir / "c", dir / "c/none").error().code == Errc::not_found);
  CHECK(give_to_owner_of(dir.path(), dir / "secret"));  // root's own directory: nothing to give
  CHECK(owner(dir / "secret") == 0);
}

TEST_CASE("Storage: descriptors do not leak into programs that are started") {
  TempDir dir;
  PosixStorage storage;
  int next = ::dup(0);
  ::close(next);
  auto file = storage.open(dir / "f", Open::create).value();
  auto lock = storage.try_lock(dir / "lock").value();
  CHECK((::fcntl(next, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((::fcntl(next + 1, F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("Storage: directories are made, listed, renamed and removed") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(storage.make_dir(dir / "d"));
  REQUIRE(storage.make_dir(dir / "d"));
  CHECK(mode_of(dir / "d") == 0700);
  REQUIRE(storage.open(dir / "d/b", Open::create));
  REQUIRE(storage.open(dir / "d/a", Open::create));
  CHECK(storage.list(dir / "d").value() == std::vector<std::string>{"a", "b"});
  CHECK(storage.list(dir / "none").error().code == Errc::not_found);
  REQUIRE(storage.rename(dir / "d/a", dir / "d/b"));
  CHECK(storage.list(dir / "d").value() == std::vector<std::string>{"b"});
  CHECK(storage.rename(dir / "d/a", dir / "d/b").error().code == Errc::not_found);
  CHECK(storage.make_dir(dir / "d/b").error().code == Errc::misplaced);
  CHECK(storage.sync_dir(dir / "d"));
  CHECK(!storage.remove_dir(dir / "d"));
  REQUIRE(storage.unlink(dir / "d/b"));
  CHECK(storage.unlink(dir / "d/b").error().code == Errc::not_found);
  REQUIRE(storage.remove_dir(dir / "d"));
  CHECK(storage.stat(dir / "d").error().code == Errc::not_found);
}

TEST_CASE("Storage: stat tells size, kind and time") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(write_whole_file(storage, dir / "f", "12345"));
  Stat file = storage.stat(dir / "f").value();
  CHECK(file.size == 5);
  CHECK(!file.is_dir);
  CHECK(file.modified.value > 1600000000000);
  CHECK(storage.stat(dir.path()).value().is_dir);
}

TEST_CASE("Storage: a lock excludes, is seen, and ends with its object") {
  TempDir dir;
  PosixStorage storage;
  std::string path = dir / "lock";
  CHECK(!storage.is_locked(path));
  CHECK(storage.stat(path).error().code == Errc::not_found);  // looking made nothing
  auto lock = storage.try_lock(path).value();
  CHECK(storage.is_locked(path));
  CHECK(storage.try_lock(path).error().code == Errc::busy);
  CHECK(storage.is_locked(path));  // a refused try has not harmed it
  lock.reset();
  CHECK(!storage.is_locked(path));
  CHECK(storage.try_lock(path));
}

TEST_CASE("Storage: who waits for a lock gets it when it is let go") {
  TempDir dir;
  PosixStorage storage;
  auto lock = storage.try_lock(dir / "lock").value();
  bool got = false;
  std::thread waiter([&] { got = storage.lock(dir / "lock").ok(); });
  lock.reset();
  waiter.join();
  CHECK(got);
}

TEST_CASE("Storage: a lock that cannot be looked at counts as held") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(write_whole_file(storage, dir / "lock", ""));
  CHECK_FALSE(storage.is_locked(dir / "lock"));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none{0, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  bool is_held = storage.is_locked(dir / "lock");
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(is_held);
}

TEST_CASE("Storage: nobody holds what a link leads to, and whoever wants to is told so") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(write_whole_file(storage, dir / "target", ""));
  auto held = storage.try_lock(dir / "target").value();
  REQUIRE(::symlink("target", (dir / "lock").c_str()) == 0);
  CHECK_FALSE(storage.is_locked(dir / "lock"));
  CHECK(storage.try_lock(dir / "lock").error().message.find("symbolic link (to target)") != std::string::npos);
}

TEST_CASE("Storage: a link to a directory is a directory, and goes alone") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(storage.make_dir(dir / "d"));
  REQUIRE(write_whole_file(storage, dir / "d/f", "x"));
  REQUIRE(::symlink("d", (dir / "link").c_str()) == 0);
  REQUIRE(::symlink("nowhere", (dir / "dangling").c_str()) == 0);
  REQUIRE(::symlink("d/f", (dir / "file").c_str()) == 0);
  auto stat = storage.stat(dir / "link").value();
  CHECK(stat.is_dir);
  CHECK(stat.is_link);
  CHECK_FALSE(storage.stat(dir / "d").value().is_link);
  for (auto name : {"dangling", "file"}) {
    CHECK_FALSE(storage.stat(dir / name).value().is_dir);
    CHECK(storage.stat(dir / name).value().is_link);
    CHECK_FALSE(storage.make_dir(dir / name));
  }
  CHECK(storage.make_dir(dir / "link"));
  CHECK(storage.list(dir / "link").value() == std::vector<std::string>{"f"});
  CHECK(links_in(dir.path()).value() == std::vector<std::string>{"dangling", "file", "link"});
  REQUIRE(remove_tree(storage, dir / "link"));
  CHECK_FALSE(storage.stat(dir / "link"));
  CHECK(storage.stat(dir / "d/f"));
}

TEST_CASE("Filesystem: a link is put where there is none or another one, and nowhere else") {
  test::TempDir temp;
  PosixStorage storage;
  const std::string link = temp / "link";
  REQUIRE(put_link("nowhere", link).ok());
  CHECK(link_target(link) == "nowhere");
  REQUIRE(put_link(temp.path(), link).ok());
  CHECK(link_target(link) == temp.path());
  REQUIRE(storage.make_dir(temp / "folder").ok());
  CHECK_FALSE(put_link("nowhere", temp / "folder").ok());
  CHECK_FALSE(put_link("nowhere", temp / "absent/link").ok());
  CHECK(storage.list(temp.path()).value() == std::vector<std::string>{"folder", "link"});
  CHECK(device_of(link).value() == device_of(temp.path()).value());
  CHECK(device_of(temp / "absent").error().code == Errc::not_found);
}

TEST_CASE("Storage: a directory that is to be made is resolved as far as it is there") {
  TempDir dir;
  PosixStorage storage;
  std::string root = real_path(dir.path()).value();
  REQUIRE(storage.make_dir(dir / "d"));
  REQUIRE(write_whole_file(storage, dir / "f", ""));
  REQUIRE(::symlink("d", (dir / "link").c_str()) == 0);
  REQUIRE(::symlink("nowhere", (dir / "dangling").c_str()) == 0);
  REQUIRE(::symlink("circle", (dir / "circle").c_str()) == 0);
  CHECK(resolved_dir(dir / "link").value() == root + "/d");
  CHECK(resolved_dir(dir / "link//a/./b/../c/").value() == root + "/d/a/c");
  CHECK(resolved_dir(dir / "link/..").value() == root);
  CHECK(resolved_dir("/").value() == "/");
  CHECK(resolved_dir("/no-such-place").value() == "/no-such-place");
  CHECK(resolved_dir("some/thing").value() == current_dir().value() + "/some/thing");
  CHECK(resolved_dir(dir / "dangling").error().message.find("symbolic link to nowhere") != std::string::npos);
  CHECK(resolved_dir(dir / "dangling/a/b").error().message.find("symbolic link to nowhere") != std::string::npos);
  CHECK(resolved_dir(dir / "circle/a").error().message.find("circle") != std::string::npos);
  CHECK(resolved_dir(dir / "f").error().message.find("not a directory") != std::string::npos);
  CHECK_FALSE(resolved_dir(dir / "f/a"));
  CHECK(resolved_file(dir / "none").value() == dir / "none");
  CHECK(resolved_file(dir / "f").value() == dir / "f");
  CHECK(resolved_file(dir / "dangling").error().code == Errc::io_error);
}

TEST_CASE("Storage: where new names are refused, what is there can be written") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(write_whole_file(storage, dir / "f", "x"));
  REQUIRE(write_whole_file(storage, dir / "g", "x"));
  storage.refuse_new_names(true);
  CHECK(storage.open(dir / "new", Open::create).error().code == Errc::busy);
  CHECK(storage.open(dir / "new", Open::create_new).error().code == Errc::busy);
  CHECK(storage.make_dir(dir / "new").error().code == Errc::busy);
  CHECK(storage.rename(dir / "f", dir / "new").error().code == Errc::busy);
  CHECK(write_whole_file(storage, dir / "new", "y").error().code == Errc::busy);
  CHECK(storage.try_lock(dir / "new").error().code == Errc::not_found);
  CHECK(storage.lock(dir / "new").error().code == Errc::not_found);
  CHECK(storage.try_lock(dir / "f"));
  CHECK(storage.list(dir.path()).value() == std::vector<std::string>{"f", "g"});
  REQUIRE(storage.open(dir / "f", Open::create).value()->write("z", 0));
  CHECK(storage.make_dir(dir.path()));
  CHECK(storage.rename(dir / "f", dir / "g"));
  CHECK(storage.unlink(dir / "g"));
  storage.refuse_new_names(false);
  CHECK(write_whole_file(storage, dir / "new", "y"));
}

TEST_CASE("Storage: new names are made where they may be, and taken back where they may not any more") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(write_whole_file(storage, dir / "f", "x"));
  int asked = 0, allowed = 0;
  storage.make_names_where([&](const std::string& path) {
    CHECK(path.starts_with(dir.path()));
    return asked++ < allowed;
  });
  const std::vector<std::string> before{"f"};
  // Not to begin with; then not any more once the name is there.
  for (allowed = 0; allowed < 2; allowed++) {
    CAPTURE(allowed);
    auto none_is_made = [&](auto make) {
      asked = 0;
      CHECK(make().error().code == Errc::busy);
      CHECK(asked == allowed + 1);
      CHECK(storage.list(dir.path()).value() == before);
    };
    none_is_made([&] { return storage.open(dir / "new", Open::create); });
    none_is_made([&] { return storage.open(dir / "new", Open::create_new); });
    none_is_made([&] { return storage.make_dir(dir / "new"); });
  }
  asked = allowed = 0;
  CHECK(storage.try_lock(dir / "new").error().code == Errc::not_found);
  CHECK(storage.open(dir / "f", Open::create));
  CHECK(storage.make_dir(dir.path()));
  allowed = INT_MAX;
  CHECK(storage.open(dir / "new", Open::create));
  CHECK(storage.make_dir(dir / "folder"));
  CHECK(storage.try_lock(dir / "lock"));
  CHECK(storage.list(dir.path()).value() == std::vector<std::string>{"f", "folder", "lock", "new"});
}

TEST_CASE("Storage: whole files are replaced, and trees removed") {
  TempDir dir;
  PosixStorage storage;
  REQUIRE(storage.make_dir(dir / "t"));
  REQUIRE(storage.make_dir(dir / "t/u"));
  REQUIRE(write_whole_file(storage, dir / "t/u/f", "a long text"));
  REQUIRE(write_whole_file(storage, dir / "t/u/f", "short"));
  CHECK(read_whole_file(storage, dir / "t/u/f").value() == "short");
  CHECK(storage.list(dir / "t/u").value() == std::vector<std::string>{"f"});
  // A process died while it wrote a longer one.
  REQUIRE(storage.open(dir / "t/u/f.tmp", Open::create).value()->write("a longer text than the one that comes", 0));
  REQUIRE(write_whole_file(storage, dir / "t/u/f", "shorter"));
  CHECK(read_whole_file(storage, dir / "t/u/f").value() == "shorter");
  CHECK(storage.list(dir / "t/u").value() == std::vector<std::string>{"f"});
  REQUIRE(remove_tree(storage, dir / "t"));
  CHECK(storage.list(dir.path()).value().empty());
}

TEST_CASE("Storage: a whole file that is larger than any that was written is damage, and not read") {
  TempDir dir;
  PosixStorage storage;
  std::string path = dir / "f";
  REQUIRE(write_whole_file(storage, path, "0123456789"));
  CHECK(read_whole_file(storage, path, 10).value() == "0123456789");
  auto eleven = read_whole_file(storage, path, 9);
  REQUIRE_FALSE(eleven.ok());
  CHECK(eleven.error().code == Errc::damaged);
  CHECK(eleven.error().message.find(path) != std::string::npos);
  for (uint64_t bytes : {whole_file_bytes_max + 1, uint64_t{1} << 42, uint64_t{1} << 43}) {
    REQUIRE(::truncate(path.c_str(), static_cast<off_t>(bytes)) == 0);
    auto hole = read_whole_file(storage, path);
    REQUIRE_FALSE(hole.ok());
    CHECK(hole.error().code == Errc::damaged);
  }
}

TEST_CASE("Storage: a hole is passed over, data and what may be data are not") {
  TempDir dir;
  PosixStorage storage;
  constexpr uint64_t mib = 1 << 20;
  auto file = std::move(*storage.open(dir / "f", Open::create));
  REQUIRE(file->write("data", 0));
  REQUIRE(file->write("more", 64 * mib));
  REQUIRE(file->truncate(128 * mib));
  CHECK(file->hole_end(0) == 0);
  uint64_t second = file->hole_end(8 * mib);
  CHECK(second >= 8 * mib);  // where the file system has no holes
  CHECK(second <= 64 * mib);
  CHECK(file->hole_end(64 * mib) == 64 * mib);
  uint64_t end = file->hole_end(100 * mib);
  CHECK(end >= 100 * mib);
  CHECK(end <= 128 * mib);
  CHECK(file->hole_end(128 * mib) == 128 * mib);
  CHECK(file->hole_end(200 * mib) == 200 * mib);
}
