// A broker's replicas of one topic, open and led, without a broker.
#pragma once

#include <catch2/catch.hpp>

#include "cluster/replicas.h"
#include "log/memory_world.h"
#include "metadata/broker_changes.h"
#include "metadata/changes.h"
#include "record/batch_builder.h"

namespace bobbin::test {

struct SomeReplicas {
  explicit SomeReplicas(int count) {
    REQUIRE(w.storage.make_dir("/c").ok());
    REQUIRE(w.storage.make_dir("/c/broker-1").ok());
    take(metadata::register_broker(image, {BrokerId(1), uuid(200), {}, {uuid(201)}}));
    metadata::NewTopic topic;
    topic.name = "t";
    topic.id = uuid(1);
    topic.partitions = count;
    take(metadata::create_topic(image, topic, {{BrokerId(1)}, 0}, {}));
    start();
    std::vector<cluster::TopicPartition> all;
    for (int number = 0; number < count; number++) all.push_back(id(number));
    replicas->open(all, [] {});
    w.jobs.run_all();
  }

  // A clean end, and another life, in which no log is open yet.
  void restart() {
    REQUIRE(replicas->close(BrokerEpoch(1)).ok());
    start();
  }

  static Uuid uuid(unsigned char n) {
    Uuid id;
    id.bytes.fill(n);
    return id;
  }
  static cluster::TopicPartition id(int number) { return {uuid(1), PartitionId(number)}; }
  cluster::Leading& at(int number) {
    cluster::Leading* found = replicas->opened().find_leading(id(number));
    REQUIRE(found);
    return *found;
  }
  void append(int number) {
    record::BatchBuilder builder;
    builder.add(Timestamp(1700000000000), std::nullopt, "v");
    const std::string batch = *builder.seal({});
    cluster::Leading& to = at(number);
    REQUIRE(to.append(batch).ok());
  }

  // All that was appended is promised from then on, so that retention may take it.
  void flush(int number) {
    cluster::Copy& copy = at(number).copy();
    log::FlushWork work = copy.begin_flush();
    copy.flush_done(work.end, work.work());
    copy.note_checkpoint();
    at(number).advance();
  }

  MemoryWorld w;
  metadata::Image image;
  std::vector<std::string> told;  // by the replicas
  std::unique_ptr<cluster::Replicas> replicas;

 private:
  void start() {
    auto opened = cluster::Replicas::open(
        w.world, "/c/broker-1", BrokerId(1), "cluster", [this](const std::string& line) { told.push_back(line); }, {},
        "boot");
    REQUIRE(opened.ok());
    replicas = std::move(*opened);
    REQUIRE(replicas->sort_out(image).ok());
    replicas->reconcile(image, metadata::Delta::all(), {});
  }
  void take(const Result<metadata::Records>& records) {
    REQUIRE(records.ok());
    for (const auto& r : *records) REQUIRE(image.apply(r, image.next_offset()).ok());
  }
};

}  // namespace bobbin::test
