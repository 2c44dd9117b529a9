// IsrUpkeep: what the metadata is asked for when a follower has come far enough, or does not come.
#include "broker/replication/isr_upkeep.h"

#include <catch2/catch.hpp>

#include "broker/some_contexts.h"
#include "metadata/in_sync_changes.h"
#include "record/batch_builder.h"

using namespace bobbin;

namespace {

// A partition that is led here and has a copy on broker 2, which is not in sync.
struct Upkeep : test::SomeContexts {
  Upkeep() {
    change(transactions, [](const metadata::Image& image) {
      return metadata::register_broker(image, {BrokerId(2), {}, {}, {}});
    });
    w.jobs.run_all();
    change(transactions, [this](const metadata::Image& image) {
      metadata::NewTopic made;
      made.name = "t";
      made.id = os::random_uuid(w.random);
      made.assignments = {{PartitionId(0), {BrokerId(1), BrokerId(2)}}};
      made.configs = {{"flush.policy", "os"}};
      return metadata::create_topic(image, made, {{BrokerId(1)}, 0}, {});
    });
    w.jobs.run_all();
    open_log(topic("t"), 0);
    life = transactions.image().broker(BrokerId(2))->epoch;
    REQUIRE(isr() == std::vector{BrokerId(1)});
  }
  cluster::Leading& leading() {
    auto* found = replicas->opened().find_leading(id_of(topic("t"), 0));
    REQUIRE(found);
    return *found;
  }
  std::vector<BrokerId> isr() const { return topic("t")->partitions[0].isr; }
  void append() {
    record::BatchBuilder builder;
    builder.add(Timestamp(1700000000000), std::nullopt, "v");
    const std::string batch = *builder.seal({});
    REQUIRE(leading().append(batch).ok());
    durability.appended(leading(), batch.size());
  }
  void fetched(int64_t from, BrokerEpoch in) { isr_upkeep.fetched(leading(), BrokerId(2), in, Offset(from)); }

  BrokerEpoch life{0};
};

}  // namespace

TEST_CASE("Isr upkeep: who has everything is let in, and holds the watermark from then on") {
  Upkeep u;
  u.append();
  CHECK(u.leading().high_watermark() == Offset(1));
  u.fetched(0, u.life);
  u.w.jobs.run_all();
  CHECK(u.isr() == std::vector{BrokerId(1)});  // not yet
  u.fetched(1, u.life);
  u.append();
  CHECK(u.leading().high_watermark() == Offset(1));  // before the metadata has answered
  u.w.jobs.run_all();
  CHECK(u.isr() == std::vector{BrokerId(1), BrokerId(2)});
  CHECK(u.leading().high_watermark() == Offset(1));
  u.fetched(2, u.life);
  CHECK(u.leading().high_watermark() == Offset(2));
}

TEST_CASE("Isr upkeep: who asked in a life that is over is not let in, and holds nothing up") {
  Upkeep u;
  u.append();
  u.fetched(1, u.life + 5);
  u.w.jobs.run_all();
  CHECK(u.isr() == std::vector{BrokerId(1)});
  u.append();
  CHECK(u.leading().high_watermark() == Offset(2));
}

TEST_CASE("Isr upkeep: who falls behind for 30 seconds is put out, and the others go on") {
  Upkeep u;
  config::BrokerSettings patient;
  patient.session_timeout_ms = 100'000;
  u.isr_upkeep.follow(patient);
  u.fetched(0, u.life);
  u.w.jobs.run_all();
  REQUIRE(u.isr().size() == 2);
  u.append();
  CHECK(u.leading().high_watermark() == Offset(0));
  REQUIRE(u.isr_upkeep.next_deadline_ms());
  for (int64_t passed = 0; passed < 50'000; passed += 1000) {
    u.w.clock.pass(1000);
    u.isr_upkeep.run();
    u.w.jobs.run_all();
    if (passed < 29'000) CHECK(u.isr().size() == 2);
  }
  CHECK(u.isr() == std::vector{BrokerId(1)});
  CHECK(u.leading().high_watermark() == Offset(1));
}

TEST_CASE("Isr upkeep: who is behind and asks for nothing is suspected from the next look on") {
  Upkeep u;
  u.fetched(0, u.life);
  u.w.jobs.run_all();
  auto pass = [&](int64_t ms) {
    u.w.clock.pass(ms);
    u.isr_upkeep.run();
  };
  for (int i = 0; i < 10; i++) pass(1000);
  CHECK(u.suspected.empty());  // there is nothing to ask for
  u.append();
  pass(999);
  CHECK(u.suspected.empty());
  pass(1001);
  CHECK(u.suspected.size() == 1);
  u.fetched(0, u.life);
  pass(500);
  CHECK(u.suspected.size() == 1);
}

TEST_CASE("Isr upkeep: who is behind and asks for nothing for the session's time is put out before that") {
  Upkeep u;
  u.fetched(0, u.life);
  u.w.jobs.run_all();
  REQUIRE(u.isr().size() == 2);
  u.append();
  for (int64_t passed = 0; passed < 10'000; passed += 1000) {
    u.w.clock.pass(1000);
    u.isr_upkeep.run();
    u.w.jobs.run_all();
    if (passed < 5000) CHECK(u.isr().size() == 2);
  }
  CHECK(u.isr() == std::vector{BrokerId(1)});
}
