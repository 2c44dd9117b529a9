// How files go that are no longer the log's.
#include "log/removal.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

struct Old : Fixture {
  Old() {
    REQUIRE(w.storage.make_dir(dir).ok());
    for (int64_t base : {0, 10, 20}) {
      w.storage.put(segment(base), "records");
      paths.push_back(segment(base));
    }
  }
  bool has(const std::string& path) const { return w.storage.exists(path); }

  std::vector<std::string> paths;
  Removal removal{w.world, dir};
};

}  // namespace

TEST_CASE("Removal: files are renamed by a job, and removed when their delay is over") {
  Old f;
  f.removal.add({f.paths[0], f.paths[1]}, 500);
  f.removal.begin();
  CHECK(f.removal.is_busy());
  CHECK(f.has(f.paths[0]));
  f.w.jobs.run_all();
  CHECK_FALSE(f.removal.is_busy());
  CHECK_FALSE(f.has(f.paths[0]));
  CHECK(f.has(f.paths[0] + ".deleted"));
  CHECK(f.has(f.paths[2]));
  const int64_t now = f.w.clock.mono_ms();
  CHECK(f.removal.due(now + 499) == now + 500);
  f.w.jobs.run_all();
  CHECK(f.has(f.paths[1] + ".deleted"));
  CHECK_FALSE(f.removal.due(now + 500));
  f.w.jobs.run_all();
  CHECK(f.w.storage.paths(f.dir) == std::vector<std::string>{f.paths[2]});
}

TEST_CASE("Removal: what a job that failed left has to go before others, and is told once") {
  for (uint64_t at = 1; at <= 3; at++) {
    CAPTURE(at);
    Old f;
    f.w.storage.inject({at, true, Errc::io_error, 0, {Call::rename, Call::sync_dir}});
    f.removal.add({f.paths[0], f.paths[1]}, 500);
    f.removal.begin();
    f.w.jobs.run_all();
    f.w.storage.heal();
    REQUIRE(f.removal.take_error());
    CHECK_FALSE(f.removal.take_error());
    CHECK_FALSE(f.removal.due(f.w.clock.mono_ms() + 1000));
    f.w.storage.inject({3, true, Errc::io_error, 0, {Call::rename}});
    f.removal.add({f.paths[2]}, 500);
    f.removal.begin();
    f.w.jobs.run_all();
    CHECK(f.has(f.paths[2]));
    CHECK_FALSE(f.has(f.paths[0]));
    CHECK_FALSE(f.has(f.paths[1]));
  }
}

TEST_CASE("Removal: no power cut brings back a segment but not one that went after it") {
  for (uint64_t seed = 1; seed <= 50; seed++) {
    CAPTURE(seed);
    Old f;
    f.w.random = SeededRandom(seed);
    f.w.storage.inject({f.w.random.below(7) + 1, true, Errc::io_error, 0, {}});
    f.removal.add(f.paths, 500);
    f.removal.begin();
    f.w.jobs.run_all();
    f.w.storage.heal();
    f.w.power_cut();
    bool is_back = false;
    for (const std::string& path : f.paths) {
      if (is_back) CHECK(f.has(path));
      is_back = is_back || f.has(path);
    }
  }
}

TEST_CASE("Removal: what harms nobody goes at once, and in silence") {
  Old f;
  f.removal.discard({f.paths[0], f.dir + "/never-there"});
  CHECK(f.has(f.paths[0]));
  f.w.jobs.run_all();
  CHECK_FALSE(f.has(f.paths[0]));
  CHECK_FALSE(f.removal.take_error());
  f.removal.discard({});
  CHECK(f.w.jobs.count() == 0);
}
