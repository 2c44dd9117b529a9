// MemoryFile: what one process writes, others copy or map, and nobody can shorten.
#include "os/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::os;

namespace {

MemoryFile make(size_t bytes, MemoryFile::Sharing sharing = MemoryFile::Sharing::copied) {
  auto made = MemoryFile::create("test", bytes, sharing);
  REQUIRE(made.ok());
  return std::move(*made);
}

// "bytes", or the error's name.
std::string copy(int fd, size_t bytes, uint64_t at) {
  std::string into(bytes, '?');
  Status read = read_shared(fd, into, at);
  return read ? into : std::string(name(read.error().code));
}

}  // namespace

TEST_CASE("MemoryFile: what is written is what others copy, at any place") {
  MemoryFile file = make(8192);
  CHECK(file.bytes().size() == 8192);
  REQUIRE(file.reserve(8192).ok());
  const std::string_view text = "hello";
  std::copy(text.begin(), text.end(), file.bytes().begin() + 4094);
  CHECK(copy(file.fd(), 5, 4094) == "hello");
  CHECK(copy(file.fd(), 2, 4097) == "lo");
  CHECK(copy(file.fd(), 0, 0).empty());
  CHECK(copy(file.fd(), 3, 8189) == std::string(3, '\0'));
}

TEST_CASE("MemoryFile: beyond its end there is nothing to copy, and no signal") {
  MemoryFile file = make(4096);
  CHECK(copy(file.fd(), 1, 4096) == "malformed");
  CHECK(copy(file.fd(), 2, 4095) == "malformed");
  CHECK(copy(file.fd(), 4097, 0) == "malformed");
  CHECK(copy(file.fd(), 1, uint64_t{1} << 62) == "malformed");
  CHECK(copy(file.fd(), 4096, 0) == std::string(4096, '\0'));  // never written
  CHECK(copy(-1, 1, 0) == "io_error");
}

TEST_CASE("MemoryFile: nobody changes its size, and who got it to read cannot write") {
  MemoryFile copied = make(4096);
  CHECK(::ftruncate(copied.fd(), 0) != 0);
  CHECK(::ftruncate(copied.fd(), 8192) != 0);
  CHECK(::pwrite(copied.fd(), "x", 1, 0) == 1);  // it may
  CHECK(::fcntl(copied.fd(), F_ADD_SEALS, F_SEAL_WRITE) != 0);
  MemoryFile shown = make(4096, MemoryFile::Sharing::read_only);
  CHECK(::ftruncate(shown.fd(), 0) != 0);
  CHECK(::pwrite(shown.fd(), "x", 1, 0) == -1);
  CHECK(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, shown.fd(), 0) == MAP_FAILED);
  REQUIRE(shown.reserve(4096).ok());
  shown.bytes()[0] = 'y';  // its maker goes on
  CHECK(copy(shown.fd(), 1, 0) == "y");
}

TEST_CASE("MemoryFile: it is reserved from the front, again and again, and never beyond its end") {
  MemoryFile file = make(3 * 4096);
  REQUIRE(file.reserve(1).ok());
  REQUIRE(file.reserve(5000).ok());
  REQUIRE(file.reserve(100).ok());  // less than there is
  REQUIRE(file.reserve(SIZE_MAX).ok());
  file.bytes().back() = 'z';
  CHECK(copy(file.fd(), 1, 3 * 4096 - 1) == "z");
  CHECK(copy(file.fd(), 1, 3 * 4096) == "malformed");
}

TEST_CASE("MemoryFile: one that was moved is the other's") {
  MemoryFile file = make(4096);
  REQUIRE(file.reserve(4096).ok());
  file.bytes()[0] = 'm';
  const int fd = file.fd();
  MemoryFile taken(std::move(file));
  CHECK(taken.fd() == fd);
  CHECK(taken.bytes()[0] == 'm');
  CHECK(file.bytes().empty());
  CHECK(file.fd() == -1);
}

TEST_CASE("MemoryFile: it is told from what has to be waited for") {
  MemoryFile file = make(4096);
  CHECK(is_memory_file(file.fd()));
  CHECK(::fcntl(file.fd(), F_GETFD) == FD_CLOEXEC);
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  Fd in(ends[0]), out(ends[1]);
  CHECK_FALSE(is_memory_file(in.value()));
  CHECK_FALSE(is_memory_file(-1));
}
