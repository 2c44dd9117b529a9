// A broker that follows others, without the broker: what goes to them and comes back are frames of Fetch.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "broker/replication/context.h"
#include "broker/some_contexts.h"
#include "protocol/codec.h"
#include "protocol/frame.h"
#include "protocol/messages/fetch.h"
#include "record/batch_builder.h"

namespace bobbin::test {

struct SomePeers : SomeContexts, broker::Uplinks {
  using Question = protocol::FetchRequest;
  using Answer = protocol::FetchResponse;
  static constexpr int16_t version = 17;

  // --- Uplinks
  std::optional<broker::LinkId> connect(BrokerId to) override {
    connected.push_back(to);
    if (!listens.contains(to)) return std::nullopt;
    return broker::LinkId(++links);
  }
  void send(broker::LinkId, std::string frame) override { asked.push_back(std::move(frame)); }
  void close(broker::LinkId id) override { hung_up.push_back(id); }
  using SomeContexts::close;
  using SomeContexts::send;

  // --- what a test does
  void register_broker(int32_t id) {
    change(transactions, [id](const metadata::Image& image) {
      Uuid incarnation;
      incarnation.bytes.fill(static_cast<unsigned char>(id));
      return metadata::register_broker(image, {BrokerId(id), incarnation, {}, {}});
    });
    w.jobs.run_all();
  }
  // A topic of one partition, led by broker 2 and followed here, its log open.
  cluster::TopicPartition follow_topic(std::map<std::string, std::string> configs = {{"flush.policy", "os"}}) {
    change(transactions, [this, configs](const metadata::Image& image) {
      metadata::NewTopic topic;
      topic.name = "t";
      topic.id = os::random_uuid(w.random);
      topic.assignments = {{PartitionId(0), {BrokerId(2), BrokerId(1)}}};
      for (const auto& [key, value] : configs) topic.configs.emplace_back(key, value);
      return metadata::create_topic(image, topic, {{BrokerId(1), BrokerId(2)}, 0}, {});
    });
    w.jobs.run_all();
    open_log(topic("t"), 0);
    return id_of(topic("t"), 0);
  }
  // What was asked last.
  Question question() const {
    REQUIRE_FALSE(asked.empty());
    Bytes frame = Bytes(asked.back()).substr(4);
    auto header = protocol::decode_request_header(frame);
    REQUIRE(header.ok());
    auto message = protocol::decode<Question>(frame, version);
    REQUIRE(message.ok());
    return *message;
  }
  Question::FetchPartition asked_partition() const {
    const Question all = question();
    REQUIRE(all.topics.size() == 1);
    REQUIRE(all.topics[0].partitions.size() == 1);
    return all.topics[0].partitions[0];
  }
  // The answer to what was asked last, without its size.
  std::string answer(const Answer::PartitionData& data) {
    Bytes frame = Bytes(asked.back()).substr(4);
    auto header = protocol::decode_request_header(frame);
    REQUIRE(header.ok());
    Answer response;
    response.responses.push_back({{}, topic("t")->id, {data}});
    return protocol::encode_response(header->correlation_id, version, response).substr(4);
  }
  static Answer::PartitionData refusal(Errc code) {
    Answer::PartitionData data;
    data.error_code = static_cast<int16_t>(code);
    return data;
  }
  // A batch of `count` records as the leader has it.
  static std::string batch(int64_t base, int count, int32_t epoch = 0) {
    record::BatchBuilder builder;
    for (int i = 0; i < count; i++) builder.add(Timestamp(1700000000000), std::nullopt, "v");
    record::BatchFields fields;
    fields.base_offset = Offset(base);
    fields.leader_epoch = LeaderEpoch(epoch);
    return *builder.seal(fields);
  }
  // A round of the broker, and all that jobs have to do.
  void settle() {
    durability.start_flushes();
    w.jobs.run_all();
    durability.start_flushes();
    durability.write_checkpoints(false);
    w.jobs.run_all();
  }

  std::set<BrokerId> listens{BrokerId(2), BrokerId(3)};
  std::vector<BrokerId> connected;
  std::vector<broker::LinkId> hung_up;
  std::vector<std::string> asked;
  uint64_t links = 0;
  broker::ReplicationContext context{
      w.world,    dir,          *this,
      view,       transactions, *replicas,
      durability, registration, [this](const std::string& line) {
                                       said.push_back(line); }};
};

}  // namespace bobbin::test
