// One broker over a world in memory, and clients that ask it by messages: what goes in and out are Kafka's frames.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "home/cluster_dir.h"
#include "log/memory_world.h"
#include "protocol/frame.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "record/batch_builder.h"

namespace bobbin::test {

// Whether it has a region to show what it leads.
enum class Shows { no, yes };

class OneBroker : public broker::Wire {
 public:
  explicit OneBroker(config::ConfigMap configs = {}, Shows shows = Shows::no);
  // Another one of the same cluster, in the same world: what either settles moves both.
  OneBroker(OneBroker& beside, BrokerId id, config::ConfigMap configs = {});
  ~OneBroker() override;

  // --- Wire
  void send(transport::ConnectionId id, std::string frame) override {
    answers_[id].push_back(std::move(frame));
    sent_[id]++;
  }
  void send_with(transport::ConnectionId id, std::string frame, int descriptor) override {
    passed.push_back({id, sent_[id], descriptor});
    send(id, std::move(frame));
  }
  void close(transport::ConnectionId id) override { closed_.insert(id); }
  void pause(transport::ConnectionId id) override { paused_.insert(id); }
  void resume(transport::ConnectionId id) override { paused_.erase(id); }

  // --- what a test does
  transport::ConnectionId connect(bool unix = false);
  void disconnect(transport::ConnectionId id) { broker->on_disconnected(id); }
  // Sends without waiting.
  template <class Message>
  void ask(transport::ConnectionId id, int16_t version, const Message& message) {
    std::string frame = protocol::encode_request(next_correlation_++, "test", version, message);
    broker->on_frame(id, Bytes(frame).substr(4));
    broker->run();
  }
  // The next answer that has been sent, or nothing.
  template <class Answer>
  std::optional<Answer> answer(transport::ConnectionId id, int16_t version) {
    auto& waiting = answers_[id];
    if (waiting.empty()) return std::nullopt;
    kept_.push_back(std::move(waiting.front()));
    waiting.pop_front();
    Bytes frame = Bytes(kept_.back()).substr(4);
    auto correlation = protocol::decode_response_header(Answer::api_key, version, frame);
    if (!correlation) return std::nullopt;
    correlations.push_back(*correlation);
    auto decoded = protocol::decode<Answer>(frame, version);
    if (!decoded) return std::nullopt;
    return std::move(*decoded);
  }
  // Asks and lets every job run until there is an answer.
  template <class Answer, class Message>
  Answer call(int16_t version, const Message& message) {
    transport::ConnectionId id = connect();
    ask(id, version, message);
    settle();
    auto got = answer<Answer>(id, version);
    disconnect(id);
    check(got.has_value(), "an answer");
    return std::move(*got);
  }
  // Runs jobs and rounds until nothing moves.
  void settle();
  // Runs jobs until no log is being opened; what else they were for may not have happened yet.
  void finish_openings();
  void pass(int64_t ms);
  // Time passes as it does for a process that sleeps until the next deadline that its broker told: what is due and was
  // not told as a deadline does not happen.
  void sleep(int64_t ms);
  bool is_closed(transport::ConnectionId id) const { return closed_.contains(id); }
  size_t waiting(transport::ConnectionId id) { return answers_[id].size(); }

  // The process dies and another one takes its place.
  void restart_after_kill(bool settled = true);  // or it has only just said that it is ready
  void restart_after_power_cut();
  // It is told to end, and does; then another one begins.
  void stop();
  void start_again() { start(true); }

  // --- short forms
  TopicId create(const std::string& name, int32_t partitions = 1, std::map<std::string, std::string> configs = {});
  protocol::ProduceRequest produce_request(const std::string& topic, Bytes batch, int16_t acks = -1);
  protocol::ProduceResponse::PartitionProduceResponse produce(const std::string& topic, Bytes batch,
                                                              int16_t version = 9);
  protocol::FetchRequest fetch_request(const std::string& topic, int64_t offset, int32_t wait_ms = 0);
  protocol::FetchResponse::PartitionData fetch(const std::string& topic, int64_t offset, int16_t version = 12);

  // A descriptor that went with an answer.
  struct Passed {
    transport::ConnectionId to;
    size_t answer;  // of that connection, from 0
    int descriptor;
    bool operator==(const Passed&) const = default;
  };
  std::vector<Passed> passed;

  // Where it is asked to listen, what it asked for, and when (mono_ms).
  std::function<Result<std::optional<metadata::Endpoint>>(const std::string& listener)> listens;
  std::vector<std::pair<std::string, int64_t>> listened;

  const BrokerId self{1};
  std::string boot;  // of the machine, for lives that begin from now on; empty: unknown

 private:
  std::shared_ptr<MemoryWorld> shared_;
  std::shared_ptr<std::vector<OneBroker*>> all_;  // of this world

 public:
  MemoryWorld& world;
  home::ClusterDir dir{"/c"};
  std::unique_ptr<region::Region> region;  // of the process that lives; nullptr: it shows nothing
  std::unique_ptr<broker::Broker> broker;
  std::vector<std::string> said;
  std::vector<int32_t> correlations;

 private:
  void start(bool settled = true);
  void run_all();
  bool any_has_work();
  config::ConfigMap configs_;
  Shows shows_ = Shows::no;
  std::map<transport::ConnectionId, size_t> sent_;
  uint64_t next_connection_ = 1;
  int32_t next_correlation_ = 1;
  std::map<transport::ConnectionId, std::deque<std::string>> answers_;
  std::set<transport::ConnectionId> closed_, paused_;
  std::deque<std::string> kept_;  // what decoded answers point to
};

// One batch of these values.
struct BatchOptions {
  int64_t producer = -1;
  int16_t epoch = -1;
  int32_t sequence = -1;
  int64_t timestamp = 1700000000000;
};
std::string batch_of(const std::vector<std::string>& values, BatchOptions options = {});
// The values of all whole batches.
std::vector<std::string> values_in(Bytes records);

}  // namespace bobbin::test
