// The metadata log over a disk that keeps what was not synced in any order: each sector, size and name for itself
// (memory_world.h). A process dies at every storage call, and the power with it or not.
#include <catch2/catch.hpp>

#include "log/memory_world.h"
#include "metadata/broker_changes.h"
#include "metadata/changes.h"
#include "metadata/transactions.h"

using namespace bobbin;
using namespace bobbin::config;
using namespace bobbin::home;
using namespace bobbin::metadata;
using bobbin::test::Call;
using bobbin::test::MemoryWorld;

namespace {

const ClusterDir dir{"/c"};
// Most changes fit a batch, wide ones do not, and the log is rolled now and then.
const Transactions::Limits limits{1000, 3000};

Uuid uuid(int n) {
  Uuid id;
  id.bytes[0] = static_cast<unsigned char>(n);
  id.bytes[1] = static_cast<unsigned char>(n >> 8);
  id.bytes[15] = 1;
  return id;
}

Change registering() {
  return [](const Image& image) { return register_broker(image, {BrokerId(1), uuid(1), {}, {uuid(2)}}); };
}

Change creating(const std::string& name, int id, int32_t partitions) {
  return [=](const Image& image) {
    NewTopic topic;
    topic.name = name;
    topic.id = uuid(id);
    topic.partitions = partitions;
    Placement placement;
    placement.brokers = {BrokerId(1)};
    return create_topic(image, topic, placement, BrokerSettings());
  };
}

// What the life of a cluster is made of: narrow and wide changes by turns.
std::vector<Change> changes() {
  std::vector<Change> out{registering()};
  for (int i = 0; i < 8; i++) {
    out.push_back(creating("narrow-" + std::to_string(i), 100 + i, 1));
    if (i % 2 == 0) out.push_back(creating("wide-" + std::to_string(i), 200 + i, 25));
    if (i % 3 == 2)
      out.push_back([i](const Image& image) { return delete_topic(image, "narrow-" + std::to_string(i - 1)); });
  }
  return out;
}

std::unique_ptr<MemoryWorld> new_world(uint64_t seed) {
  auto w = std::make_unique<MemoryWorld>(seed);
  REQUIRE(make_root(w->storage, dir));
  REQUIRE(create(w->storage, w->random, dir));
  return w;
}

struct Process {
  explicit Process(MemoryWorld& w)
      : world(w),
        transactions(std::make_unique<Transactions>(w.world, dir, Transactions::Hooks{[](const Delta&) {}}, limits)) {
    transactions->catch_up();
    world.jobs.run_all();
  }
  Errc done(const Change& change) {
    std::optional<Errc> told;
    transactions->submit(change, [&](Result<Offset> r) { told = r ? Errc::none : r.error().code; });
    world.jobs.run_all();
    REQUIRE(told);
    return *told;
  }
  const Image& image() const { return transactions->image(); }
  MemoryWorld& world;
  std::unique_ptr<Transactions> transactions;
};

Image replayed(MemoryWorld& w) {
  Image image;
  Reader reader(w.storage, dir.metadata_log_dir());
  auto read = reader.catch_up(image);
  if (!read) FAIL(read.error().message);
  return image;
}

// The images that the changes lead to, from the empty one on.
std::vector<Image> all_images() {
  auto w = new_world(1);
  Process p(*w);
  std::vector<Image> images{Image()};
  for (const Change& change : changes()) {
    REQUIRE(p.done(change) == Errc::none);
    images.push_back(p.image());
  }
  return images;
}

}  // namespace

TEST_CASE(
    "Power: at whatever call a writer dies, what was answered is there, the change under way is whole or not there, "
    "and nothing is damaged") {
  const std::vector<Image> images = all_images();
  const std::vector<Change> all = changes();
  bool reached_the_end = false;
  for (uint64_t at = 1; !reached_the_end; at++)
    for (uint64_t seed = 1; seed <= 4; seed++) {
      CAPTURE(at, seed);
      REQUIRE(at < 2000);
      auto w = new_world(seed * 1000 + at);
      auto p = std::make_unique<Process>(*w);
      w->storage.inject({at, true, Errc::io_error, at * 37 % 600, {}});
      size_t answered = 0;
      while (answered < all.size() && p->done(all[answered]) == Errc::none) answered++;
      reached_the_end = w->storage.hits() == 0;
      p.reset();
      seed % 4 == 0 ? w->kill() : w->power_cut();
      Image found = replayed(*w);
      bool is_right = found == images[answered] || (answered < all.size() && found == images[answered + 1]);
      REQUIRE(is_right);
      Process next(*w);
      REQUIRE(next.done(registering()) == Errc::none);
      REQUIRE(next.done(creating("after", 500, 30)) == Errc::none);
      w->power_cut();
      REQUIRE(replayed(*w) == next.image());
    }
}

TEST_CASE(
    "Power: a disk that is full at any call, and loses what it could not write, takes back nothing that was answered") {
  const std::vector<Change> all = changes();
  bool reached_the_end = false;
  for (uint64_t at = 1; !reached_the_end; at++)
    for (uint64_t seed = 1; seed <= 4; seed++) {
      const bool for_a_while = seed % 2 == 0;  // so that taking back fails too
      CAPTURE(at, seed);
      REQUIRE(at < 2000);
      auto w = new_world(seed * 1000 + at);
      auto p = std::make_unique<Process>(*w);
      w->storage.inject({at,
                         for_a_while,
                         Errc::disk_full,
                         at * 37 % 600,
                         {Call::write, Call::sync, Call::truncate, Call::sync_dir, Call::rename},
                         true});
      for (const Change& change : all) {
        Errc told = p->done(change);
        if (told == Errc::disk_full) {
          w->storage.heal();  // there is room again
          told = p->done(change);
        }
        bool may_have_been_done = told == Errc::topic_already_exists || told == Errc::unknown_topic_or_partition;
        REQUIRE((told == Errc::none || may_have_been_done));
      }
      reached_the_end = w->storage.hits() == 0;
      Image last = p->image();
      p.reset();
      w->power_cut();
      REQUIRE(replayed(*w) == last);
    }
}
