// Reader: what it makes of a log that was changed behind its back.
#include <catch2/catch.hpp>

#include "metadata/changes.h"
#include "metadata/small_world.h"
#include "metadata/transactions.h"

using namespace bobbin;
using namespace bobbin::metadata;
using test::SmallWorld;

namespace {

const ClusterDir dir{"/c"};
const std::string segment = dir.metadata_log_dir() + "/00000000000000000000.log";

Change creating(const std::string& name, unsigned char id) {
  return [=](const Image& image) {
    NewTopic topic;
    topic.name = name;
    topic.id.bytes[0] = id;
    topic.partitions = 1;
    Placement placement;
    placement.brokers = {BrokerId(1)};
    return create_topic(image, topic, placement, BrokerSettings());
  };
}

// One life of a broker: it makes these topics.
Image live(SmallWorld& w, const std::vector<std::pair<std::string, unsigned char>>& topics) {
  Transactions transactions(w.world, dir, Transactions::Hooks{[] {}});
  transactions.submit([](const Image& image) { return register_broker(image, {BrokerId(1), Uuid(), {}, {Uuid()}}); }, {});
  for (const auto& [name, id] : topics) {
    bool done = false;
    transactions.submit(creating(name, id), [&](Result<Offset> r) { done = r.ok(); });
    w.jobs.run_all();
    REQUIRE(done);
  }
  return transactions.image();
}

}  // namespace

// A writer may take back what it could not sync, and the next one writes there at once: the reader, which saw the first,
// looks only afterwards.
TEST_CASE("Reader: what was taken back and replaced before it looks again is forgotten, whatever came in its place") {
  using Topics = std::vector<std::pair<std::string, unsigned char>>;
  for (const Topics& instead : {Topics{{"other", 2}}, Topics{{"a-much-longer-name-than-before", 2}}, Topics{{"o", 2}, {"p", 3}, {"q", 4}}, Topics{{"taken", 2}}}) {
    CAPTURE(instead.front().first, instead.size());
    SmallWorld w;
    REQUIRE(create(w.storage, w.random, dir));
    live(w, {{"stays", 1}});
    const std::string before = w.storage.files.at(segment)->bytes;
    live(w, {{"taken", 9}});
    Image image;
    Reader reader(w.storage, dir.metadata_log_dir());
    REQUIRE(reader.catch_up(image));
    REQUIRE(image.topic("taken"));
    w.storage.files.at(segment)->bytes = before;
    Image now = live(w, instead);
    REQUIRE(reader.catch_up(image));
    CHECK(image == now);
  }
}
