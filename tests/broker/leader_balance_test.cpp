// LeaderBalance: when it looks, what it asks for, and that whoever comes second finds it done.
#include "broker/replication/leader_balance.h"

#include <catch2/catch.hpp>

#include "broker/some_contexts.h"
#include "metadata/partition_change.h"

using namespace bobbin;

namespace {

// Topic t, whose partitions were placed on brokers 1 and 2 so that broker 2 leads; it died and is back, in sync.
struct Balance : test::SomeContexts {
  explicit Balance(size_t partitions = 2) {
    change(transactions, [](const metadata::Image& image) {
      return metadata::register_broker(image, {BrokerId(2), {}, {}, {}});
    });
    w.jobs.run_all();
    change(transactions, [this, partitions](const metadata::Image& image) {
      metadata::NewTopic made;
      made.name = "t";
      made.id = os::random_uuid(w.random);
      for (size_t i = 0; i < partitions; i++)
        made.assignments.push_back({PartitionId(static_cast<int32_t>(i)), {BrokerId(2), BrokerId(1)}});
      return metadata::create_topic(image, made, {{BrokerId(1), BrokerId(2)}, 0}, {});
    });
    w.jobs.run_all();
  }
  // Another one leads, and the preferred leader is in sync.
  void lead(int32_t partition, BrokerId who) {
    change(transactions, [=](const metadata::Image& image) {
      metadata::PartitionChange to(*image.topic("t"), PartitionId(partition), 1);
      to.make_leader(who);
      return metadata::Records{*to.record()};
    });
    w.jobs.run_all();
  }
  std::vector<int32_t> leaders() const {
    std::vector<int32_t> out;
    for (const auto& p : topic("t")->partitions) out.push_back(p.leader.value);
    return out;
  }
  void pass(int64_t ms) {
    w.clock.pass(ms);
    balance.run();
    w.jobs.run_all();
  }

  config::BrokerSettings settings = config::broker_settings({});
  broker::LeaderBalance balance{w.world, transactions, [this](const std::string& line) { said.push_back(line); }};
};

}  // namespace

TEST_CASE("Leader balance: leaders go back when an interval has passed, all of them at once, and it is said") {
  Balance b;
  b.lead(0, BrokerId(1));
  b.lead(1, BrokerId(1));
  b.balance.follow(b.settings);
  REQUIRE(b.balance.next_deadline_ms() == b.w.clock.mono + 300'000);
  b.pass(299'999);
  CHECK(b.leaders() == std::vector{1, 1});
  const Offset before = b.transactions.image().next_offset();
  b.pass(1);
  CHECK(b.leaders() == std::vector{2, 2});
  CHECK(b.transactions.image().next_offset() == before + 2);
  CHECK(b.said == std::vector<std::string>{"2 partitions are led again by the brokers where they were placed"});
}

TEST_CASE("Leader balance: while nothing changes nobody looks, and between two looks lies an interval") {
  Balance b;
  b.balance.follow(b.settings);
  b.pass(300'000);
  CHECK_FALSE(b.balance.next_deadline_ms());
  b.lead(0, BrokerId(1));
  b.pass(100'000);
  CHECK(b.leaders() == std::vector{1, 2});  // it was not told
  b.balance.follow(b.settings);
  CHECK(b.balance.next_deadline_ms() == b.w.clock.mono + 200'000);
  b.pass(200'000);
  CHECK(b.leaders() == std::vector{2, 2});
}

TEST_CASE("Leader balance: who comes second finds it done, and says nothing") {
  Balance b;
  b.lead(0, BrokerId(1));
  std::vector<std::string> said;
  broker::LeaderBalance other{b.w.world, b.transactions, [&](const std::string& line) { said.push_back(line); }};
  b.balance.follow(b.settings);
  other.follow(b.settings);
  b.w.clock.pass(300'000);
  b.balance.run();
  other.run();
  b.w.jobs.run_all();
  CHECK(b.leaders() == std::vector{2, 2});
  CHECK(b.topic("t")->partitions[0].leader_epoch == LeaderEpoch(2));
  CHECK(b.said.size() == 1);
  CHECK(said.empty());
}

TEST_CASE("Leader balance: where it is switched off, or the imbalance is small, leaders stay") {
  Balance b(10);
  b.lead(0, BrokerId(1));
  b.settings.leader_rebalance = false;
  b.balance.follow(b.settings);
  CHECK_FALSE(b.balance.next_deadline_ms());
  b.pass(300'000);
  b.settings.leader_rebalance = true;
  b.balance.follow(b.settings);
  b.pass(300'000);
  CHECK(b.leaders()[0] == 1);  // one of ten is not more than 10 %
  b.settings.leader_imbalance_percent_max = 9;
  b.balance.follow(b.settings);
  b.pass(300'000);
  CHECK(b.leaders()[0] == 2);
}

TEST_CASE("Leader balance: what could not be written is tried again an interval later") {
  Balance b;
  b.lead(0, BrokerId(1));
  b.balance.follow(b.settings);
  b.w.storage.inject({1, true, Errc::disk_full, 0, {test::Call::write, test::Call::truncate}});
  b.pass(300'000);
  CHECK(b.leaders()[0] == 1);
  REQUIRE(b.said.size() == 1);
  CHECK(b.said[0].starts_with("leaders do not go back where they were placed: "));
  b.w.storage.heal();
  b.pass(300'000);
  CHECK(b.leaders()[0] == 2);
}
