// What an image is as records: they make the same image again, and a snapshot of them is one.
#include "metadata/image_records.h"

#include <catch2/catch.hpp>

#include "base/some_uuid.h"
#include "metadata/metadata_log.h"

using namespace bobbin;
using namespace bobbin::metadata;
using test::uuid;

namespace {

void must(Image& image, const AnyRecord& record) { REQUIRE(image.apply(record, image.next_offset())); }

Broker some_broker(int32_t id) {
  Broker b;
  b.id = BrokerId(id);
  b.epoch = BrokerEpoch(40 + id);
  b.incarnation = uuid(static_cast<unsigned char>(id));
  b.endpoints = {{"PLAINTEXT", "127.0.0.1", 9092, 0}, {"OTHER", "::1", 9093, 1}};
  b.log_dirs = {uuid(101), uuid(102)};
  b.rack = "r" + std::to_string(id);
  b.in_controlled_shutdown = id % 2 == 0;
  b.fenced = id % 2 == 1;
  return b;
}

void make_topic(Image& image, const std::string& name, unsigned char id, int32_t partitions) {
  TopicRecord topic;
  topic.name = name;
  topic.topic_id = uuid(id);
  must(image, topic);
  for (int32_t i = 0; i < partitions; i++) {
    PartitionRecord p;
    p.partition_id = i;
    p.topic_id = uuid(id);
    p.replicas = {1, 2};
    p.isr = {1};
    p.removing_replicas = {2};
    p.adding_replicas = {3};
    p.leader = 1;
    p.leader_recovery_state = static_cast<int8_t>(i % 2);
    p.leader_epoch = 7 + i;
    p.partition_epoch = 9 + i;
    p.directories = {uuid(101), uuid(102)};
    if (i > 0) p.eligible_leader_replicas = std::vector<int32_t>{2};
    if (i > 1) p.last_known_elr = std::vector<int32_t>{2, 1};
    must(image, p);
  }
}

void set_config(Image& image, config::ConfigScope scope, const std::string& resource, const std::string& name,
                const std::string& value) {
  ConfigRecord r;
  r.resource_type = static_cast<int8_t>(scope);
  r.resource_name = resource;
  r.name = name;
  r.value = value;
  must(image, r);
}

void set_level(Image& image, std::string_view name, int16_t level) {
  FeatureLevelRecord r;
  r.name = name;
  r.feature_level = level;
  must(image, r);
}

Image one_of_everything() {
  Image image;
  for (int32_t id = 1; id <= 3; id++) must(image, record_of(some_broker(id)));
  make_topic(image, "t", 50, 5);
  make_topic(image, "u.v", 51, 1);
  make_topic(image, "gone", 52, 1);
  RemoveTopicRecord removed;
  removed.topic_id = uuid(52);
  must(image, removed);
  set_config(image, config::ConfigScope::topic, "t", "retention.ms", "1");
  set_config(image, config::ConfigScope::broker, "", "listeners", "127.0.0.1:9092");
  set_config(image, config::ConfigScope::broker, "2", "log.retention.ms", "");
  set_level(image, feature_bobbin_version, bobbin_version);
  set_level(image, feature_metadata_version, metadata_version);
  ProducerIdsRecord ids;
  ids.broker_id = 1;
  ids.next_producer_id = 3000;
  must(image, ids);
  return image;
}

}  // namespace

TEST_CASE("Image: its records make the same image") {
  const Image image = one_of_everything();
  Image again;
  for (const AnyRecord& r : to_records(image))
    REQUIRE(again.apply(decode_record(encode_record(r)).value(), again.next_offset()));
  again.set_next_offset(image.next_offset());
  CHECK(again == image);
}

TEST_CASE("Image: its records begin with how the rest is read, and tell nothing of what is gone") {
  const std::vector<AnyRecord> records = to_records(one_of_everything());
  REQUIRE(std::holds_alternative<FeatureLevelRecord>(records.front()));
  CHECK(std::get<FeatureLevelRecord>(records.front()).name == feature_metadata_version);
  CHECK(std::none_of(records.begin(), records.end(), [](const AnyRecord& r) {
    auto topic = std::get_if<TopicRecord>(&r);
    return topic && topic->name == "gone";
  }));
  CHECK(to_records(Image()).empty());
}

TEST_CASE("Image: a broker's record registers it as it is") {
  Image image;
  must(image, record_of(some_broker(1)));
  must(image, record_of(some_broker(2)));
  CHECK(*image.broker(BrokerId(1)) == some_broker(1));
  CHECK(*image.broker(BrokerId(2)) == some_broker(2));
}
