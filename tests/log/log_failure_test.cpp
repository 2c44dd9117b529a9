// LogFailure: what ends a log, and what passes.
#include "log/log_failure.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::log;

TEST_CASE("Log failure: what is refused, or for want of a descriptor, passes") {
  LogFailure failure("/data/t-0");
  for (Errc code : {Errc::disk_full, Errc::busy}) {
    REQUIRE((is_write_refused(code) || code == Errc::busy));
    const Error told = failure.of(error(code, "why"));
    CHECK(told.code == code);
    CHECK(told.message == "/data/t-0: why");
    CHECK_FALSE(failure.why());
  }
}

TEST_CASE("Log failure: anything else is for ever, and the first one counts") {
  LogFailure failure("/data/t-0");
  const Error told = failure.of(error(Errc::io_error, "first"));
  CHECK(told.code == Errc::kafka_storage_error);
  REQUIRE(failure.why());
  CHECK(failure.of(error(Errc::damaged, "second")).code == Errc::damaged);
  failure.set(error(Errc::damaged, "third"));
  CHECK(failure.why()->code == Errc::kafka_storage_error);
  CHECK(failure.why()->message == "/data/t-0: first");
}

TEST_CASE("Log failure: what somebody did to its files is damage, and what failed elsewhere is taken as it is told") {
  for (Errc code : {Errc::damaged, Errc::misplaced}) {
    LogFailure failure("/data/t-0");
    CHECK(failure.of(error(code, "why")).code == Errc::damaged);
    CHECK(failure.why()->code == Errc::damaged);
  }
  LogFailure failure("/data/t-0");
  failure.set(error(Errc::disk_full, "a sync has no excuse"));
  REQUIRE(failure.why());
  CHECK(failure.why()->message == "a sync has no excuse");
}
