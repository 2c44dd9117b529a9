// Result: a value or an error, moved and not copied, and the two macros that leave a function.
#include "base/result.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace bobbin;

namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return error(Errc::usage, std::to_string(n) + " is odd");
  return n / 2;
}

Result<int> quarter(int n, int& reached) {
  BOBBIN_TRY_ASSIGN(once, half(n));
  reached = 1;
  BOBBIN_TRY_ASSIGN(twice, half(once));
  reached = 2;
  return twice;
}

Status must_be_even(int n, int& evaluated) {
  BOBBIN_TRY((evaluated++, half(n)));
  return {};
}

}  // namespace

TEST_CASE("Result: holds one of both") {
  Result<int> good = half(6), bad = half(7);
  CHECK(good.ok());
  CHECK(static_cast<bool>(good));
  CHECK(*good == 3);
  *good = 5;
  CHECK(good.value() == 5);
  CHECK_FALSE(bad.ok());
  CHECK_FALSE(static_cast<bool>(bad));
  CHECK(bad.error().code == Errc::usage);
  CHECK(bad.error().message == "7 is odd");
}

TEST_CASE("Result: a value that is false or empty is a value all the same") {
  CHECK(Result<bool>(false).ok());
  CHECK(Result<std::optional<int>>(std::nullopt).ok());
  CHECK(Result<std::string>(std::string()).ok());
  CHECK(Status().ok());
}

TEST_CASE("Result: an error of code none, and one without words, is an error") {
  CHECK_FALSE(Result<int>(error(Errc::none)).ok());
  CHECK_FALSE(Status(error(Errc::io_error)).ok());
  CHECK(error(Errc::io_error).message.empty());
  CHECK(Error{}.code == Errc::unknown_server_error);
}

TEST_CASE("Result: an owner is moved out of it") {
  Result<std::unique_ptr<int>> made(std::make_unique<int>(7));
  std::unique_ptr<int> taken = std::move(made).value();
  CHECK(*taken == 7);
  CHECK(made.ok());
  CHECK(*made == nullptr);
}

TEST_CASE("Result: an error is told with where it was seen, one floor after the other") {
  Error e = error(Errc::damaged, "crc mismatch").in("segment 42").in("orders-0");
  CHECK(e.code == Errc::damaged);
  CHECK(e.message == "orders-0: segment 42: crc mismatch");
}

TEST_CASE("Result: the first error leaves the function, with its words") {
  int reached = 0;
  CHECK(*quarter(12, reached) == 3);
  CHECK(reached == 2);
  reached = 0;
  CHECK(quarter(6, reached).error().message == "3 is odd");
  CHECK(reached == 1);
  reached = 0;
  CHECK(quarter(5, reached).error().message == "5 is odd");
  CHECK(reached == 0);
  int evaluated = 0;
  CHECK(must_be_even(4, evaluated).ok());
  CHECK(must_be_even(5, evaluated).error().code == Errc::usage);
  CHECK(evaluated == 2);  // once each
}

TEST_CASE("Error: a place is said once") {
  auto at = [](std::string message, std::string_view where) {
    return error(Errc::io_error, std::move(message)).in(where).message;
  };
  CHECK(at("no space", "/d/t-0") == "/d/t-0: no space");
  CHECK(at("/d/t-0: no space", "/d/t-0") == "/d/t-0: no space");
  CHECK(at("/d/t-0/5.log: no space", "/d/t-0") == "/d/t-0/5.log: no space");
  CHECK(at("t-0, batch at offset 5: bad", "t-0") == "t-0, batch at offset 5: bad");
  CHECK(at("/d/t-01: no space", "/d/t-0") == "/d/t-0: /d/t-01: no space");
  CHECK(at("a broker is gone", "a") == "a: a broker is gone");
  CHECK(at("t-0", "t-0") == "t-0: t-0");
  CHECK(at("", "t-0") == "t-0: ");
}
