// What lies where a file or a folder belongs.
#include "os/kind_of_file.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "os/fd.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::os;

namespace {

struct Kinds {
  Kinds() {
    REQUIRE(::mkdir((dir / "folder").c_str(), 0700) == 0);
    REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
    PosixStorage storage;
    REQUIRE(write_whole_file(storage, dir / "file", "x").ok());
    for (auto [target, name] : {std::pair("file", "to-file"),
                                {"folder", "to-folder"},
                                {"none", "to-nothing"},
                                {"to-folder", "to-link"},
                                {"circle", "circle"}})
      REQUIRE(::symlink(target, (dir / name).c_str()) == 0);
  }
  // "right", or what is said behind the path.
  std::string at(const std::string& name, Belongs what) {
    auto wrong = misplaced_at(dir / name, what);
    if (!wrong) return "right";
    CHECK(wrong->code == Errc::misplaced);
    const std::string path = dir / name;
    REQUIRE(wrong->message.starts_with(path + ": "));
    return wrong->message.substr(path.size() + 2);
  }
  ::test::TempDir dir;
};

}  // namespace

TEST_CASE("Kind of file: each is called by its name") {
  CHECK(kind_of_file(S_IFREG | 0644) == "a file");
  CHECK(kind_of_file(S_IFDIR | S_ISVTX) == "a directory");
  CHECK(kind_of_file(S_IFIFO) == "a FIFO");
  CHECK(kind_of_file(S_IFSOCK) == "a socket");
  CHECK(kind_of_file(S_IFLNK | 0777) == "a symbolic link");
  CHECK(kind_of_file(S_IFCHR) == "a device");
  CHECK(kind_of_file(S_IFBLK) == "a device");
}

TEST_CASE("Kind of file: where a file belongs, anything else is named, and a link with its target") {
  Kinds k;
  CHECK(k.at("file", Belongs::file) == "right");
  CHECK(k.at("none", Belongs::file) == "right");  // nothing at all
  CHECK(k.at("folder", Belongs::file) == "is a directory, where a file belongs: move it away");
  CHECK(k.at("fifo", Belongs::file) == "is a FIFO, where a file belongs: move it away");
  CHECK(k.at("to-file", Belongs::file) ==
        "is a symbolic link (to file), which is not followed: put the file itself there");
  CHECK(k.at("to-nothing", Belongs::file) ==
        "is a symbolic link (to none), which is not followed: put the file itself there");
}

TEST_CASE("Kind of file: where a folder belongs, a link to one is as good") {
  Kinds k;
  for (const char* name : {"folder", "to-folder", "to-link", "none"}) {
    CAPTURE(name);
    CHECK(k.at(name, Belongs::folder) == "right");
  }
  CHECK(k.at("file", Belongs::folder) == "is a file, where a folder belongs: move it away");
  CHECK(k.at("to-file", Belongs::folder) == "is a file, where a folder belongs: move it away");
  CHECK(k.at("to-nothing", Belongs::folder) ==
        "is a symbolic link to none, where there is no directory: make that, or mount its disk");
  CHECK(k.at("circle", Belongs::folder).starts_with("is a symbolic link to circle"));
}

TEST_CASE("Kind of file: what was opened is a file, or told by its kind") {
  Kinds k;
  Fd file(::open((k.dir / "file").c_str(), O_RDONLY | O_CLOEXEC));
  CHECK(check_is_file(file.value(), "f").ok());
  Fd folder(::open((k.dir / "folder").c_str(), O_RDONLY | O_CLOEXEC));
  CHECK(check_is_file(folder.value(), "f").error().message == "f: is a directory, where a file belongs: move it away");
  Fd device(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(check_is_file(device.value(), "f").error().message == "f: is a device, where a file belongs: move it away");
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(check_is_file(socket.value(), "f").error().code == Errc::misplaced);
  CHECK(check_is_file(-1, "f").error().code == Errc::io_error);
}
