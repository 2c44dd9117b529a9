// The file of logs that no checkpoint tells of yet.
#include "cluster/young_logs.h"

#include <catch2/catch.hpp>

#include "base/uuid.h"
#include "log/memory_world.h"

using namespace bobbin;
using cluster::YoungLogs;

namespace {

const std::string path = "/c/" + std::string(cluster::young_logs_file);

struct Young {
  Young() {
    REQUIRE(w.storage.make_dir("/c"));
    REQUIRE(w.storage.sync_dir("/"));
  }
  YoungLogs read() { return YoungLogs::read(w.storage, path).value(); }
  test::MemoryWorld w;
};

TopicId topic(unsigned char n) {
  TopicId id;
  id.bytes.fill(n);
  return id;
}

}  // namespace

TEST_CASE("YoungLogs: what was written is read, by the next life as well, until it begins anew") {
  Young y;
  YoungLogs young = y.read();
  CHECK(young.found().empty());
  young.note({"t-1", PartitionId(0)}, {topic(1), Offset(7)});
  young.note({std::string(249, 'x'), PartitionId(12)}, {topic(2), Offset(1)});
  REQUIRE(young.write_work()());
  CHECK(y.read().found() == YoungLogs::All{{{"t-1", PartitionId(0)}, {topic(1), Offset(7)}},
                                           {{std::string(249, 'x'), PartitionId(12)}, {topic(2), Offset(1)}}});
  YoungLogs next = y.read();
  next.note({"t-1", PartitionId(0)}, {topic(3), Offset(9)});  // the topic was made anew
  REQUIRE(next.write_work()());
  CHECK(y.read().found().size() == 2);
  CHECK(y.read().found().at({"t-1", PartitionId(0)}) == YoungLogs::Told{topic(3), Offset(9)});
  next.begin_anew();
  CHECK(y.read().found().size() == 2);  // and goes on to be true
  next.note({"u", PartitionId(0)}, {topic(4), Offset(1)});
  REQUIRE(next.write_work()());
  CHECK(y.read().found() == YoungLogs::All{{{"u", PartitionId(0)}, {topic(4), Offset(1)}}});
}

TEST_CASE("YoungLogs: of a file that was cut short, or ends in zeros, what is whole is told, and written on behind") {
  Young y;
  YoungLogs young = y.read();
  young.note({"t", PartitionId(0)}, {topic(1), Offset(7)});
  young.note({"u", PartitionId(1)}, {topic(2), Offset(8)});
  REQUIRE(young.write_work()());
  const std::string whole = y.w.storage.contents(path);
  const size_t first = whole.find('\n', 2) + 1;
  for (size_t bytes = 0; bytes <= whole.size(); bytes++)
    for (size_t zeros : {0, 1, 100}) {
      INFO(bytes << " " << zeros);
      y.w.storage.put(path, whole.substr(0, bytes) + std::string(zeros, '\0'));
      YoungLogs left = y.read();
      const size_t told = bytes == whole.size() ? 2 : bytes >= first ? 1 : 0;
      CHECK(left.found().size() == told);
      left.note({"v", PartitionId(2)}, {topic(3), Offset(9)});
      REQUIRE(left.write_work()());
      CHECK(y.read().found().size() == told + 1);
    }
}

TEST_CASE("YoungLogs: what is not a line of it tells nothing, and a file that is larger than any is damage") {
  Young y;
  const std::string id = to_string(topic(1));
  const std::vector<std::string> lines{"t-0 x " + id,
                                       "t-0 -1 " + id,
                                       "t 1 " + id,
                                       "a/b-0 1 " + id,
                                       "t-0  " + id,
                                       "t-0 1 ",
                                       "t-0 1 short",
                                       "t-0 1",
                                       "t-0",
                                       "",
                                       "t-0 9223372036854775807 " + id,
                                       "t-0 5 " + id + " 6",
                                       "t-0 5 " + id + " -1",
                                       "t-0 5 " + id + " x",
                                       "t-0 5 " + id + " ",
                                       "t-0 5 " + id + " 1 1"};
  for (const std::string& bad : lines) {
    INFO(bad);
    y.w.storage.put(path, "0\nu-0 5 " + id + "\n" + bad + "\nv-0 5 " + id + "\n");
    CHECK(y.read().found().size() == 1);
  }
  y.w.storage.put(path, "1\nu-0 5 " + id + "\n");
  CHECK(y.read().found().empty());
}

TEST_CASE("YoungLogs: after a power cut it tells of what was there") {
  for (uint64_t seed = 1; seed <= 50; seed++) {
    INFO(seed);
    Young y;
    y.w.random = test::SeededRandom(seed);
    YoungLogs young = y.read();
    for (int64_t end : {1, 2, 3}) {
      young.note({"t", PartitionId(0)}, {topic(1), Offset(end)});
      REQUIRE(young.write_work()());
    }
    y.w.power_cut();
    const YoungLogs left = y.read();
    for (const auto& [which, told] : left.found()) {
      CHECK(which == log::TopicPartition{"t", PartitionId(0)});
      CHECK(told.topic == topic(1));
      CHECK(told.end >= Offset(1));
      CHECK(told.end <= Offset(3));
    }
  }
}

TEST_CASE(
    "YoungLogs: where a log begins is on the disk at once, and goes on to be told while checkpoints are written") {
  Young y;
  const log::TopicPartition t{"t", PartitionId(0)}, u{"u", PartitionId(0)}, v{"v", PartitionId(0)};
  YoungLogs young = y.read();
  young.note(t, {topic(1), Offset(9), Offset(4)});
  young.note(v, {topic(3), Offset(2), Offset(1)});
  REQUIRE(young.write_work()());
  y.w.storage.power_cut(y.w.random);
  CHECK(y.read().found().at(t) == YoungLogs::Told{topic(1), Offset(9), Offset(4)});
  // Checkpoints are on their way, and may not arrive.
  young.begin_anew();
  young.forget(v);
  young.note(u, {topic(2), Offset(1)});
  REQUIRE(young.write_work()());
  y.w.storage.power_cut(y.w.random);
  const YoungLogs::All both{{t, {topic(1), Offset(9), Offset(4)}}, {u, {topic(2), Offset(1)}}};
  CHECK(y.read().found() == both);
  // They have arrived when the next ones begin.
  young.begin_anew();
  young.note(u, {topic(2), Offset(2)});
  REQUIRE(young.write_work()());
  CHECK(y.read().found() == YoungLogs::All{{u, {topic(2), Offset(2)}}});
  // So it is with what the life before told.
  YoungLogs next = y.read();
  next.keep_start(t, {topic(1), Offset(9), Offset(5)});
  next.keep_start(u, {topic(2), Offset(2)});
  next.begin_anew();
  REQUIRE(next.write_work()());
  CHECK(y.read().found() == YoungLogs::All{{t, {topic(1), Offset(9), Offset(5)}}});
}
