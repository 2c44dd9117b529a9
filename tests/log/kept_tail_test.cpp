// What is cut off a file is beside it, whole, under a name that nobody had.
#include "log/kept_tail.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Tailed {
  explicit Tailed(const std::string& contents) { f.w.storage.put(path, contents); }
  Result<std::string> keep(uint64_t position, int64_t at) { return keep_tail(f.w.storage, path, position, Offset(at)); }
  Fixture f;
  const std::string path = "/data/5.log";
};

}  // namespace

TEST_CASE("Kept tail: the copy is all from the position on, and the file stays as it is") {
  Tailed t("0123456789");
  auto name = t.keep(4, 17);
  REQUIRE(name.ok());
  CHECK(*name == "/data/5.log.cut.17");
  CHECK(t.f.w.storage.contents(*name) == "456789");
  CHECK(t.f.w.storage.contents(t.path) == "0123456789");
}

TEST_CASE("Kept tail: a second one of a name, and a third, are told apart") {
  Tailed t("0123456789");
  CHECK(*t.keep(4, 17) == "/data/5.log.cut.17");
  CHECK(*t.keep(5, 17) == "/data/5.log.cut.17-2");
  CHECK(*t.keep(6, 17) == "/data/5.log.cut.17-3");
  CHECK(*t.keep(6, 18) == "/data/5.log.cut.18");
  CHECK(t.f.w.storage.contents("/data/5.log.cut.17") == "456789");
  CHECK(t.f.w.storage.contents("/data/5.log.cut.17-3") == "6789");
  t.f.w.storage.erase("/data/5.log.cut.17-2");
  CHECK(kept_name(t.f.w.storage, t.path, Offset(17)) == "/data/5.log.cut.17-2");
}

TEST_CASE("Kept tail: nothing, and nothing but zeros, is not kept") {
  Tailed t("head" + std::string(600'000, '\0'));
  for (uint64_t position : {4, 5, 300'000, 600'003, 600'004}) {
    auto name = t.keep(position, 1);
    REQUIRE(name.ok());
    CHECK(name->empty());
  }
  CHECK(t.f.w.storage.paths("/data") == std::vector<std::string>{t.path});
}

TEST_CASE("Kept tail: zeros before and behind other bytes are where they were") {
  const std::string tail = std::string(300'000, '\0') + "x" + std::string(300'000, '\0');
  Tailed t("head" + tail);
  auto name = t.keep(4, 1);
  REQUIRE(name.ok());
  CHECK(t.f.w.storage.contents(*name) == tail);
}

TEST_CASE("Kept tail: the copy is on the disk when its name is told, and a full disk is told instead") {
  Tailed t(std::string(1000, 'x'));
  auto syncs = t.f.w.storage.calls(Call::sync);
  REQUIRE(t.keep(0, 1).ok());
  CHECK(t.f.w.storage.calls(Call::sync) == syncs + 1);
  t.f.w.storage.set_room(t.f.w.storage.used() + 500);
  CHECK(t.keep(0, 2).error().code == Errc::disk_full);
  t.f.w.storage.set_room(std::nullopt);
  t.f.w.storage.erase(t.path);
  CHECK(t.keep(0, 3).error().code == Errc::not_found);
}
