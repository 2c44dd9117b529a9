// A cluster's metadata without a log or a disk, and a small language to change it and to say what it is.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "base/some_uuid.h"
#include "metadata/broker_changes.h"
#include "metadata/changes.h"

namespace bobbin::test {

using namespace bobbin::metadata;

inline std::vector<BrokerId> ids(const std::vector<int32_t>& numbers) { return {numbers.begin(), numbers.end()}; }

// Applies what a change says, as a log would.
inline Status take(Image& image, const Result<Records>& records) {
  if (!records) return records.error();
  for (const AnyRecord& r : *records) BOBBIN_TRY(image.apply(r, image.next_offset()));
  return {};
}

inline Errc code(const Result<Records>& r) { return r ? Errc::none : r.error().code; }

// --- brokers

inline Registration life_of(int32_t id, unsigned char incarnation) {
  Registration r;
  r.id = BrokerId(id);
  r.incarnation = uuid(incarnation);
  r.endpoints = {{"PLAINTEXT", "127.0.0.1", static_cast<uint16_t>(9091 + id), 0}};
  r.log_dirs = {uuid(static_cast<unsigned char>(100 + id))};
  return r;
}

// Brokers 1 to `brokers`, each in its first life.
inline Image cluster_of(int32_t brokers) {
  Image image;
  for (int32_t id = 1; id <= brokers; id++)
    REQUIRE(take(image, register_broker(image, life_of(id, static_cast<unsigned char>(id)))));
  return image;
}

inline BrokerEpoch life(const Image& image, int32_t id) { return image.broker(BrokerId(id))->epoch; }

inline void fence(Image& image, int32_t id) {
  REQUIRE(take(image, fence_broker(image, BrokerId(id), life(image, id))));
}

inline Placement anywhere(const Image& image, uint64_t start = 0) {
  Placement p;
  for (const auto& [id, broker] : image.brokers()) p.brokers.push_back(id);
  p.start = start;
  return p;
}

// --- topics

inline NewTopic topic_named(std::string name, int32_t partitions = -1, unsigned char id = 50) {
  NewTopic t;
  t.name = std::move(name);
  t.id = uuid(id);
  t.partitions = partitions;
  return t;
}

inline Result<Records> creating(const Image& image, const NewTopic& topic,
                                const config::BrokerSettings& defaults = {}) {
  return create_topic(image, topic, anywhere(image), defaults);
}

// Topic "t": for each partition its replicas, the preferred leader first.
inline void make_topic(Image& image, const std::vector<std::vector<int32_t>>& replicas,
                       const std::string& min_isr = {}) {
  NewTopic t = topic_named("t");
  for (size_t i = 0; i < replicas.size(); i++)
    t.assignments.push_back({PartitionId(static_cast<int32_t>(i)), ids(replicas[i])});
  if (!min_isr.empty()) t.configs = {{"min.insync.replicas", min_isr}};
  REQUIRE(take(image, creating(image, t)));
}

inline const Partition& partition(const Image& image, int32_t number = 0) {
  return image.topic("t")->partitions[static_cast<size_t>(number)];
}

inline std::vector<int32_t> leaders(const Image& image, std::string_view topic = "t") {
  std::vector<int32_t> out;
  for (const Partition& p : image.topic(topic)->partitions) out.push_back(p.leader.value);
  return out;
}

// "leader 1 epoch 0 isr 1,2 eligible 3"
inline std::string said(const Partition& p) {
  auto list = [](const std::vector<BrokerId>& ids) {
    std::string out;
    for (BrokerId id : ids) out += (out.empty() ? "" : ",") + to_string(id);
    return out.empty() ? "none" : out;
  };
  return "leader " + (p.leader == broker_none ? "none" : to_string(p.leader)) + " epoch " + to_string(p.leader_epoch) +
         " isr " + list(p.isr) + " eligible " + list(p.eligible_leaders);
}

}  // namespace bobbin::test
