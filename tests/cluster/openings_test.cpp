#include "cluster/openings.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "log/log.h"
#include "log/memory_world.h"

using namespace bobbin;
using cluster::Openings;
using cluster::TopicPartition;

namespace {

TopicPartition partition(unsigned char topic) {
  Uuid id;
  id.bytes.fill(topic);
  return {id, PartitionId(0)};
}

// Openings that write down what is asked and what is told.
struct Wanted {
  Wanted()
      : files(w.storage), openings(w.world, files, [this](const TopicPartition& id, log::OpenWork& work) {
          seen.push_back("opened " + std::to_string(id.topic.bytes[0]) + (work.take().ok() ? "" : " badly"));
        }) {}
  void want(unsigned char topic, const std::string& dir) {
    openings.want(partition(topic), dir, [this, topic, dir] {
      seen.push_back("begun " + std::to_string(topic));
      return log::ToOpen{"/c/" + dir, partition(topic).topic, {}, {}};
    });
  }
  void abandon(unsigned char topic) {
    openings.abandon(partition(topic), [this, topic] { seen.push_back("let go " + std::to_string(topic)); });
  }
  using Seen = std::vector<std::string>;
  Seen run() {
    w.jobs.run_all();
    return std::exchange(seen, {});
  }

  test::MemoryWorld w;
  log::Files files;
  Openings openings;
  Seen seen;
};

}  // namespace

TEST_CASE("Openings: each is opened once, however often it is wanted") {
  Wanted o;
  CHECK(o.openings.is_idle());
  o.want(1, "a-0");
  o.want(1, "a-0");
  CHECK(o.openings.is_wanted(partition(1)));
  CHECK_FALSE(o.openings.is_idle());
  CHECK(o.run() == Wanted::Seen{"begun 1", "opened 1"});
  CHECK(o.openings.is_idle());
  o.want(1, "a-0");
  CHECK(o.run() == Wanted::Seen{"begun 1", "opened 1"});
}

TEST_CASE("Openings: eight at once, the others in their order") {
  Wanted o;
  for (unsigned char i = 1; i <= 10; i++) o.want(i, std::to_string(i) + "-0");
  CHECK(std::exchange(o.seen, {}).size() == 8);
  auto seen = o.run();
  CHECK(std::count_if(seen.begin(), seen.end(), [](const auto& line) { return line.starts_with("opened"); }) == 10);
  CHECK(o.openings.is_idle());
}

TEST_CASE("Openings: of two that have the same folder the second waits for the end of the first") {
  Wanted o;
  o.want(1, "a-0");
  o.abandon(1);
  CHECK_FALSE(o.openings.is_wanted(partition(1)));
  o.want(2, "a-0");
  CHECK(std::exchange(o.seen, {}) == Wanted::Seen{"begun 1"});
  CHECK(o.run() == Wanted::Seen{"let go 1", "begun 2", "opened 2"});
}

TEST_CASE("Openings: what no job has is let go at once") {
  Wanted o;
  for (unsigned char i = 1; i <= 9; i++) o.want(i, std::to_string(i) + "-0");
  o.seen.clear();
  o.abandon(9);
  o.abandon(10);
  CHECK(std::exchange(o.seen, {}) == Wanted::Seen{"let go 9", "let go 10"});
  CHECK(o.run().size() == 8);
}
