// Descriptors: few files stay open, and logs that wait for a sync bound how many further ones may begin to.
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

TEST_CASE("Files: those that nobody holds are closed, the least recently used first") {
  Fixture f;
  Files files(f.w.storage, 2, 3);
  auto make = [&](const std::string& name) {
    auto file = files.open("/data/" + name, os::Open::create);
    REQUIRE(file.ok());
    return *file;
  };
  make("a");
  auto held = make("b");
  make("c");
  CHECK(files.open_count() == 2);
  CHECK(files.alive_count() == 2);  // a is closed
  CHECK(files.has_room());
  make("d");
  CHECK(files.alive_count() == 3);  // b is closed here, but held
  CHECK(files.has_room());          // closes c to have it
  CHECK(files.alive_count() == 2);
  auto more = files.open_unkept("/data/e", os::Open::create);
  REQUIRE(more.ok());
  auto most = make("f");
  CHECK_FALSE(files.has_room());  // b, e and f are held
  most.reset();
  CHECK(files.has_room());
  held.reset();
  more->reset();
  files.forget_below("/data");
  CHECK(files.alive_count() == 0);
}

TEST_CASE("Files: without a descriptor those that nobody holds are closed to have one") {
  Fixture f;
  Files files(f.w.storage, 16);
  for (const char* name : {"a", "b", "c", "d"})
    REQUIRE(files.open("/data/" + std::string(name), os::Open::create).ok());
  auto held = files.open("/data/a");
  REQUIRE(held.ok());
  f.w.storage.set_handles_max(4);
  auto more = files.open("/data/e", os::Open::create);
  REQUIRE(more.ok());
  CHECK(files.alive_count() == 2);  // a, which is held, and e
  auto others = {*files.open("/data/b"), *files.open("/data/c")};
  CHECK(files.open("/data/d").error().code == Errc::busy);  // all are held
  CHECK(others.size() == 2);
}

TEST_CASE("Log: when descriptors are held by logs that wait for a sync, a further one waits, and nothing is lost") {
  Fixture f;
  f.files = std::make_unique<Files>(f.w.storage, 16, 4);
  std::vector<std::unique_ptr<Log>> logs;
  for (const char* dir : {"/data/a-0", "/data/b-0", "/data/c-0"}) {
    auto opened = open_log(f.w.world, *f.files, dir, topic_id, f.config, {}, f.report);
    REQUIRE(opened.ok());
    logs.push_back(std::move(*opened));
  }
  auto append = [&](size_t which) {
    auto done = logs[which]->append(batch(1), LeaderEpoch(0), AppendOrigin::client);
    return done ? Errc::none : done.error().code;
  };
  auto flush = [&](size_t which) { REQUIRE(Fixture::flush(*logs[which]).ok()); };
  CHECK(append(0) == Errc::none);  // a log's first records hold two files: theirs and the topic's id
  CHECK(append(1) == Errc::none);
  CHECK(append(2) == Errc::busy);
  CHECK_FALSE(logs[2]->failed());
  CHECK(logs[2]->log_end() == Offset(0));
  CHECK_FALSE(f.w.storage.stat("/data/c-0").ok());
  CHECK(append(0) == Errc::none);  // whoever waits already needs no more
  flush(0);
  CHECK(append(2) == Errc::none);
  CHECK(append(0) == Errc::busy);
  flush(1);
  flush(2);
  CHECK(append(0) == Errc::none);
  CHECK(logs[0]->log_end() == Offset(3));
  CHECK(logs[2]->log_end() == Offset(1));
}
