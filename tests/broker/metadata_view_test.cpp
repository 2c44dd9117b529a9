// MetadataView: what a broker says is there, is not there, or may be.
#include "broker/metadata_view.h"

#include <catch2/catch.hpp>

#include "log/memory_world.h"
#include "metadata/broker_changes.h"

using namespace bobbin;
using broker::MetadataView;

namespace {

struct Viewed {
  Viewed() {
    REQUIRE(home::make_root(w.storage, dir).ok());
    REQUIRE(home::create(w.storage, w.random, dir).ok());
    REQUIRE(w.storage.make_dir(dir.metadata_log_dir()).ok());
    submit([](const metadata::Image& image) {
      return metadata::register_broker(image, {BrokerId(1), Uuid(), {}, {Uuid()}});
    });
    submit([this](const metadata::Image& image) {
      metadata::NewTopic topic;
      topic.name = "t";
      topic.id = id;
      topic.partitions = 1;
      return metadata::create_topic(image, topic, {{BrokerId(1)}, 0}, {});
    });
  }
  void submit(metadata::Change change) {
    transactions.submit(std::move(change), [](Result<Offset> done) { REQUIRE(done.ok()); });
    w.jobs.run_all();
  }
  bool look_again() {
    bool told = false;
    view.look_again([&] { told = true; });
    w.jobs.run_all();
    return told;
  }
  Errc missing(const std::string& name, const Uuid& topic_id, bool by_id) {
    auto found = view.find_topic(name, topic_id, by_id);
    CHECK_FALSE(found.topic);
    return found.error;
  }

  test::MemoryWorld w;
  const home::ClusterDir dir{"/c"};
  const Uuid id = os::random_uuid(w.random), other = os::random_uuid(w.random);
  const config::ConfigMap file{{"num.partitions", "7"}};
  metadata::Transactions transactions{w.world, dir, {[](const metadata::Delta&) {}}};
  MetadataView view{w.world, dir, transactions, BrokerId(1), file};
};

}  // namespace

TEST_CASE("MetadataView: a topic is found by its name or its id, and each has an error of its own") {
  Viewed v;
  REQUIRE(v.view.find_topic("t", {}, false).topic);
  CHECK(v.view.find_topic("t", {}, false).error == Errc::none);
  REQUIRE(v.view.find_topic("", v.id, true).topic);
  CHECK(v.missing("u", v.id, false) == Errc::unknown_topic_or_partition);
  CHECK(v.missing("t", v.other, true) == Errc::unknown_topic_id);
}

TEST_CASE("MetadataView: while the metadata cannot be read nothing is denied") {
  Viewed v;
  v.w.storage.inject({.at = 1, .for_good = true, .only = {test::Call::list, test::Call::open, test::Call::read}});
  CHECK(v.look_again());
  CHECK_FALSE(v.view.is_latest());
  CHECK(v.missing("u", {}, false) == Errc::kafka_storage_error);
  CHECK(v.view.find_topic("t", {}, false).topic);
  v.w.storage.heal();
  CHECK(v.look_again());
  CHECK(v.view.is_latest());
  CHECK(v.missing("u", {}, false) == Errc::unknown_topic_or_partition);
}

TEST_CASE("MetadataView: when the broker ends, whoever looks again is told nothing") {
  Viewed v;
  bool told = false;
  v.view.look_again([&] { told = true; });
  v.view.end();
  v.w.jobs.run_all();
  CHECK_FALSE(told);
}

TEST_CASE("MetadataView: it is set as its file says, and itself always lives") {
  Viewed v;
  CHECK(v.view.settings().num_partitions == 7);
  CHECK(v.view.is_live(BrokerId(1)));
  CHECK_FALSE(v.view.is_live(BrokerId(2)));
  CHECK(v.view.live_brokers() == std::vector<BrokerId>{BrokerId(1)});
}
