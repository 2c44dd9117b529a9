// Repairs: what becomes of a copy in which damage was found.
#include "broker/replication/repairs.h"

#include <catch2/catch.hpp>

#include "broker/some_peers.h"

using namespace bobbin;

namespace {

struct Repairing : test::SomePeers {
  Repairing() {
    register_broker(2);
    change(transactions, [](const metadata::Image& image) {
      return metadata::register_broker(image, {BrokerId(1), {}, {}, {}});
    });
    w.jobs.run_all();
    registration.look_at(replicas->folder());
    begin_life();
  }
  // A topic of one partition, led here, with a copy on broker 2; in sync are these.
  cluster::TopicPartition lead_topic(std::vector<BrokerId> alive) {
    change(transactions, [this, alive](const metadata::Image& image) {
      metadata::NewTopic topic;
      topic.name = "t";
      topic.id = os::random_uuid(w.random);
      topic.assignments = {{PartitionId(0), {BrokerId(1), BrokerId(2)}}};
      topic.configs = {{"flush.policy", "os"}};
      return metadata::create_topic(image, topic, {alive, 0}, {});
    });
    w.jobs.run_all();
    open_log(topic("t"), 0);
    return id_of(topic("t"), 0);
  }
  void begin_life() {
    registration.write({}, [](Status done) { REQUIRE(done.ok()); });
    w.jobs.run_all();
  }
  bool is_fenced(int32_t id) const { return transactions.image().broker(BrokerId(id))->fenced; }
  void pass(int64_t ms) { w.clock.pass(ms); }
  void round() {
    repairs.run();
    w.jobs.run_all();
  }
  const metadata::Partition& partition() const { return topic("t")->partitions[0]; }
  bool is_put_aside() {
    auto names = w.storage.list(replicas->folder().path());
    return names && std::any_of(names->begin(), names->end(),
                                [](const std::string& name) { return name.ends_with("-damaged"); });
  }
  Offset append(cluster::TopicPartition id) {
    auto* leading = replicas->opened().find_leading(id);
    REQUIRE(leading);
    REQUIRE(leading->append(batch(0, 3)).ok());
    return leading->copy().log_end();
  }
};

}  // namespace

TEST_CASE("Repairs: where another is in sync it leads, and the copy begins anew from it") {
  Repairing r;
  const auto id = r.lead_topic({BrokerId(1), BrokerId(2)});
  REQUIRE(r.append(id) == Offset(3));
  CHECK(r.repairs.note(id, broker::Repairs::Fault::in_files));
  r.round();
  CHECK(r.partition().leader == BrokerId(2));
  CHECK(r.partition().isr == std::vector{BrokerId(2)});
  CHECK(r.partition().eligible_leaders.empty());
  // What it asked others with that copy must not bring it in again: not before it has begun another life.
  CHECK(r.is_fenced(1));
  r.pass(10'000);
  r.round();
  CHECK_FALSE(r.is_put_aside());
  r.begin_life();
  r.round();
  CHECK(r.is_put_aside());
  CHECK_FALSE(r.replicas->opened().find_copy(id));
  CHECK(r.replicas->followed().from(BrokerId(2)).contains(id));
  r.open_log(r.topic("t"), 0);
  REQUIRE(r.replicas->opened().find_following(id));
  CHECK(r.replicas->opened().find_copy(id)->log_end() == Offset(0));
  CHECK_FALSE(r.repairs.next_deadline_ms());
}

TEST_CASE("Repairs: where no other could lead the copy stays, and it is asked again from time to time") {
  Repairing r;
  const auto id = r.lead_topic({BrokerId(1)});
  REQUIRE(r.append(id) == Offset(3));
  CHECK_FALSE(r.repairs.note(id, broker::Repairs::Fault::in_files));
  r.round();
  CHECK(r.partition().leader == BrokerId(1));
  CHECK(r.partition().isr == std::vector{BrokerId(1)});
  r.round();
  CHECK_FALSE(r.is_put_aside());
  CHECK(r.replicas->opened().find_leading(id));
  REQUIRE(r.repairs.next_deadline_ms());
  // The other one comes in.
  r.change(r.transactions, [id](const metadata::Image& image) {
    return metadata::join_in_sync(image, {id.topic, id.partition, BrokerId(1), LeaderEpoch(0)}, BrokerId(2),
                                  image.broker(BrokerId(2))->epoch);
  });
  r.w.jobs.run_all();
  r.w.clock.pass(*r.repairs.next_deadline_ms() - r.w.clock.mono_ms());
  r.round();
  CHECK(r.partition().leader == BrokerId(2));
}

TEST_CASE("Repairs: when the folder is offline all copies are renounced, and none is touched") {
  Repairing r;
  const auto id = r.lead_topic({BrokerId(1), BrokerId(2)});
  r.append(id);
  r.replicas->folder().take_offline("a sync failed");
  r.round();
  CHECK(r.partition().leader == BrokerId(2));
  CHECK(r.partition().isr == std::vector{BrokerId(2)});
  r.round();
  CHECK_FALSE(r.is_put_aside());
}

TEST_CASE("Repairs: a partition without other copies, and one that is deleted, are nobody's case") {
  Repairing r;
  const auto id = r.lead_topic({BrokerId(1), BrokerId(2)});
  r.change(r.transactions, [](const metadata::Image& image) { return metadata::delete_topic(image, "t"); });
  r.w.jobs.run_all();
  CHECK_FALSE(r.repairs.note(id, broker::Repairs::Fault::in_files));
  r.round();
  CHECK_FALSE(r.repairs.next_deadline_ms());
}

TEST_CASE("Repairs: what a disk keeps from being read is renounced, and nothing is thrown away") {
  Repairing r;
  const auto id = r.lead_topic({BrokerId(1), BrokerId(2)});
  r.append(id);
  CHECK(r.repairs.note(id, broker::Repairs::Fault::of_disk));
  r.round();
  CHECK(r.partition().leader == BrokerId(2));
  CHECK(r.partition().isr == std::vector{BrokerId(2)});
  CHECK_FALSE(r.is_fenced(1));
  r.round();
  CHECK_FALSE(r.is_put_aside());
  CHECK_FALSE(r.repairs.next_deadline_ms());
}
