#include "os/cold_read.h"

#include <fcntl.h>

#include <catch2/catch.hpp>

#include "log/memory_world.h"
#include "os/posix/storage.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::os;

namespace {

Result<std::string> first_bytes(Storage& storage, const std::string& path) {
  BOBBIN_TRY_ASSIGN(file, storage.open(path, Open::read));
  std::string bytes(4, '\0');
  BOBBIN_TRY_ASSIGN(got, file->read({bytes.data(), bytes.size()}, 0));
  bytes.resize(got);
  return bytes;
}

}  // namespace

TEST_CASE("NoWait: what is not in memory is refused, and noted by the innermost one of this thread") {
  bobbin::test::MemoryWorld w;
  w.storage.put("/f", "abcd");
  w.storage.cold.insert("/f");
  CHECK(NoWait::current() == nullptr);
  NoWait outer;
  {
    NoWait inner;
    CHECK(NoWait::current() == &inner);
    auto got = first_bytes(w.storage, "/f");
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::not_in_memory);
    auto missing = inner.take_missing();
    REQUIRE(missing.size() == 1);
    CHECK(missing[0].path == "/f");
    CHECK(missing[0].at == 0);
    CHECK(missing[0].bytes == 4);
  }
  CHECK(NoWait::current() == &outer);
  CHECK(outer.take_missing().empty());
}

TEST_CASE("ColdRead: what was missing is there when it is asked again") {
  bobbin::test::MemoryWorld w;
  for (const char* path : {"/f", "/g"}) {
    w.storage.put(path, "abcd");
    w.storage.cold.insert(path);
  }
  ColdRead cold;
  std::string got;
  auto ask = [&] {
    auto first = first_bytes(w.storage, "/f"), second = first_bytes(w.storage, "/g");
    got = (first ? *first : "-") + (second ? *second : "-");
  };
  CHECK_FALSE(cold.try_now(ask));
  CHECK(got == "--");
  bool again = false;
  cold.bring_in(w.world, [&] { again = true; });
  CHECK(w.storage.cold.size() == 2);  // a job does that
  w.jobs.run_all();
  CHECK(again);
  CHECK(cold.try_now(ask));
  CHECK(got == "abcdabcd");
}

TEST_CASE("ColdRead: at last it waits, and an error that is no lack of memory is an answer") {
  bobbin::test::MemoryWorld w;
  w.storage.put("/f", "abcd");
  ColdRead cold;
  Result<std::string> got = error(Errc::none);
  int tries = 0;
  do {
    w.storage.cold.insert("/f");  // gone before it is asked again
    tries++;
  } while (!cold.try_now([&] { got = first_bytes(w.storage, "/f"); }));
  CHECK(tries == 17);
  CHECK(got.value() == "abcd");
  CHECK(ColdRead().try_now([&] { got = first_bytes(w.storage, "/none"); }));
  CHECK(got.error().code == Errc::not_found);
}

TEST_CASE("ColdRead: a real file, of which the kernel keeps nothing") {
  ::test::TempDir temp;
  PosixStorage storage;
  const std::string path = temp.path() + "/f";
  const std::string bytes(3 << 20, 'x');
  {
    auto file = storage.open(path, Open::create).value();
    REQUIRE(file->write(Bytes(bytes), 0));
    REQUIRE(file->sync());
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
    ::close(fd);
  }
  bobbin::test::MemoryWorld w;
  World world{w.clock, w.random, storage, w.jobs};
  ColdRead cold;
  std::string got(bytes.size(), '\0');
  Result<size_t> read = size_t{0};
  auto ask = [&] { read = storage.open(path, Open::read).value()->read({got.data(), got.size()}, 0); };
  // Whether the kernel listened is its business: either way all of it comes.
  for (int i = 0; i < 20 && !cold.try_now(ask); i++) {
    CHECK(read.error().code == Errc::not_in_memory);
    cold.bring_in(world, [] {});
    w.jobs.run_all();
  }
  CHECK(read.value() == bytes.size());
  CHECK(got == bytes);
}
