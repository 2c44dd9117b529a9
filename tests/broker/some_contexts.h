// What the handlers of a broker work with, each part of it real, without the broker that has them: metadata with a broker 1,
// its replicas, and connections whose frames are kept.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/contexts.h"
#include "log/memory_world.h"
#include "metadata/broker_changes.h"

namespace bobbin::test {

struct SomeContexts : broker::Wire {
  explicit SomeContexts(broker::ServedApis served = {}, size_t memory_max = SIZE_MAX)
      : budget(memory_max), apis(served) {
    change(transactions, [](const metadata::Image& image) {
      return metadata::register_broker(image, {BrokerId(1), {}, {}, {}});
    });
    w.jobs.run_all();
    REQUIRE(replicas->sort_out(transactions.image()).ok());
    replicas->reconcile(transactions.image(), metadata::Delta::all(), {});
    for (auto id : {one, two}) connections.open(id, {});
  }

  // --- Wire
  void send(broker::ConnectionId id, std::string frame) override { sent[id].push_back(std::move(frame)); }
  void close(broker::ConnectionId id) override { closed.insert(id); }
  void pause(broker::ConnectionId) override {}
  void resume(broker::ConnectionId) override {}

  // --- what a test does
  static void change(metadata::Transactions& by, metadata::Change what) {
    by.submit(std::move(what), [](Result<Offset> done) { REQUIRE(done.ok()); });
  }
  static metadata::Change creating(const std::string& name, const TopicId& id, int32_t partitions = 1) {
    return [=](const metadata::Image& image) {
      metadata::NewTopic topic;
      topic.name = name;
      topic.id = id;
      topic.partitions = partitions;
      return metadata::create_topic(image, topic, {{BrokerId(1)}, 0}, {});
    };
  }
  const metadata::Topic* create(const std::string& name, int32_t partitions = 1) {
    change(transactions, creating(name, os::random_uuid(w.random), partitions));
    w.jobs.run_all();
    return topic(name);
  }
  // Another broker of the cluster makes it, and tells nobody.
  void create_elsewhere(const std::string& name) {
    metadata::Transactions other(w.world, dir, {[](const metadata::Delta&) {}});
    other.catch_up();
    w.jobs.run_all();
    change(other, creating(name, os::random_uuid(w.random)));
    w.jobs.run_all();
  }
  const metadata::Topic* topic(const std::string& name) const { return transactions.image().topic(name); }
  static cluster::TopicPartition id_of(const metadata::Topic* topic, int32_t partition) {
    return {topic->id, PartitionId(partition)};
  }
  void open_log(const metadata::Topic* topic, int32_t partition) {
    replicas->open({id_of(topic, partition)}, [] {});
    w.jobs.run_all();
  }

  static constexpr broker::ConnectionId one{1}, two{2};
  std::map<broker::ConnectionId, std::vector<std::string>> sent;
  std::vector<BrokerId> suspected;
  std::set<broker::ConnectionId> closed;
  std::vector<std::string> said;     // in the broker's log
  std::vector<std::string> refused;  // why a connection is closed

  MemoryWorld w;
  const home::ClusterDir dir{"/c"};
  const BrokerId self{1};
  const config::ConfigMap file;
  const std::string cluster_id = "cluster";
  Budget budget;
  broker::ServedApis apis;
  std::unique_ptr<cluster::Replicas> replicas = open_replicas();
  metadata::Transactions transactions{
      w.world, dir, {[this](const metadata::Delta& delta) { replicas->reconcile(transactions.image(), delta, {}); }}};
  broker::MetadataView view{w.world, dir, transactions, self, file};
  broker::Connections connections{*this,
                                  [this](broker::ConnectionId, const Error& why) { refused.push_back(why.message); }};
  broker::RequestMemory memory{budget, connections};
  broker::Purgatory purgatory;
  broker::Turns turns;
  broker::ClientLog log{w.clock, [this](const std::string& line) { said.push_back(line); }};
  broker::Durability durability{w.world, *replicas, purgatory, log, [](const std::string&) {}, size_t{512}, {}};
  broker::Registration registration{w.world, transactions, self, {[](const std::string&) {}, [](BrokerEpoch) {}, {}}};
  broker::Repairs repairs{w.world, transactions, *replicas, registration, self, [](const std::string&) {}};
  broker::IsrUpkeep isr_upkeep{w.world,
                               transactions,
                               *replicas,
                               purgatory,
                               self,
                               [](const std::string&) {},
                               [this](BrokerId who) { suspected.push_back(who); }};
  broker::ProducerIds producer_ids{w.world, transactions, self};
  broker::Refusals refusals;
  broker::Inspections inspections{w.world.jobs, 1};
  broker::BusyClients busy_clients{nullptr};
  broker::FetchSessions sessions{w.world};
  broker::Throttle throttle;
  broker::Coordinators coordinators{w.world, view, *replicas, durability, purgatory, turns, [](const std::string&) {}};
  broker::Contexts contexts{
      .data = {w.world, view,         *replicas,    durability, connections, memory,   purgatory,
               turns,   log,          producer_ids, refusals,   inspections, 64 << 10, 32 << 10,
               *this,   busy_clients, sessions,     isr_upkeep, repairs,     throttle, nullptr},
      .admin = {w.world, view, transactions, connections, log},
      .facts = {view, connections, turns, cluster_id, apis, contexts.admin},
      .groups = {w.world, view, connections, coordinators, contexts.admin},
  };

 private:
  std::unique_ptr<cluster::Replicas> open_replicas() {
    REQUIRE(home::make_root(w.storage, dir).ok());
    REQUIRE(home::create(w.storage, w.random, dir).ok());
    REQUIRE(w.storage.make_dir(dir.broker_dir(self)).ok());
    REQUIRE(w.storage.make_dir(dir.metadata_log_dir()).ok());
    auto opened = cluster::Replicas::open(
        w.world, dir.broker_dir(self), self, cluster_id, [](const std::string&) {}, {}, "boot");
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
};

}  // namespace bobbin::test
