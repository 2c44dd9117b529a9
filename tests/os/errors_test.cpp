// The system's refusals as Errors: the table of the header, and what a person is told to do.
#include "os/errors.h"

#include <catch2/catch.hpp>
#include <cerrno>

using namespace bobbin;
using os::system_error;

TEST_CASE("System errors: each number has the code of its kind") {
  const std::pair<Errc, std::vector<int>> kinds[] = {
      {Errc::disk_full, {ENOSPC}},
      {Errc::quota_exceeded, {EDQUOT}},
      {Errc::file_too_large, {EFBIG}},
      {Errc::read_only, {EROFS}},
      {Errc::permission_denied, {EACCES, EPERM}},
      {Errc::not_found, {ENOENT, ENOTDIR}},
      {Errc::busy, {EEXIST, EADDRINUSE, EMFILE, ENFILE}},
      {Errc::disconnected, {EPIPE, ECONNRESET, ENOTCONN, ECONNABORTED, ESHUTDOWN}},
      {Errc::no_answer, {ETIMEDOUT, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH}},
      {Errc::io_error, {EIO, EINVAL, EBADF, ENOMEM, ELOOP, ENAMETOOLONG, 0, -1, 100000}},
  };
  for (const auto& [code, numbers] : kinds)
    for (int number : numbers) {
      CAPTURE(number);
      CHECK(system_error("x", number).code == code);
    }
}

TEST_CASE("System errors: a refusal that somebody can end says how, behind the system's words") {
  CHECK(system_error("/x/0.log", ENOSPC).message ==
        "/x/0.log: No space left on device (it is full: make room; df and df -i show how much there is)");
  CHECK(system_error("/x", EIO).message == "/x: Input/output error");
  CHECK(system_error("/x", EMFILE).message == "/x: Too many open files (raise `ulimit -n`)");
  for (int number : {EDQUOT, EFBIG, EROFS, EACCES, EPERM, ENFILE, ELOOP, ENAMETOOLONG}) {
    CAPTURE(number);
    CHECK(system_error("/x", number).message.ends_with(")"));
  }
}

TEST_CASE("System errors: without a subject the words stand alone, and errno is asked where no number is given") {
  CHECK(system_error("", EIO).message == "Input/output error");
  errno = ENOENT;
  Error e = system_error("/x");
  CHECK(e.code == Errc::not_found);
  CHECK(e.message == "/x: No such file or directory");
}
