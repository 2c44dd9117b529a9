// FakeCluster: brokers of Kafka's protocol in one thread of the test, with logs in memory, the checks of idempotent
// producers, and faults that a script chooses for each request. What is in its logs is the truth that tests compare with.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/id.h"
#include "os/posix/clock.h"
#include "os/posix/storage.h"
#include "protocol/api_key.h"
#include "protocol/frame.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "transport/listener.h"

namespace bobbin::fake {

// What happens to one request.
enum class Fault {
  none,
  close_before,  // the connection goes before the request has had any effect
  close_after,   // it has its effect, and the connection goes before the answer
  silent,        // no effect and no answer
  error_before,  // no effect, the answer is `error`
  error_after,   // it has its effect, the answer is `error` all the same
  misnumbered    // it has its effect, and the answer is that to another request
};
struct Plan {
  Fault fault = Fault::none;
  int16_t error = 0;
};

// What may go wrong with a Produce and be well after it was sent again; of draws below 100, nothing from 28 on.
Plan produce_fault(unsigned long draw, std::mt19937& random);

struct Seen {
  int node = 0;
  protocol::ApiKey key{};
  int16_t version = 0;
  int number = 0;   // of all requests, from 0
  int of_kind = 0;  // of requests of this kind, from 0
};

struct ProducerState {
  int16_t epoch = -1;
  std::deque<std::pair<int32_t, int32_t>> last;  // first and last sequence of the last five batches
};

struct FakePartition {
  int leader = 1;
  int32_t epoch = 0;
  std::string log;  // batches with their offsets
  int64_t start = 0;
  int64_t end = 0;
  std::map<int64_t, ProducerState> producers;
};

struct FakeTopic {
  Uuid id;
  std::vector<FakePartition> partitions;
  int32_t max_message_bytes = 1048588;  // what DescribeConfigs tells
  int32_t max_batch_bytes = 1048588;    // what is kept
};

// One decoded record, for comparison.
struct FakeRecord {
  int64_t offset = 0;
  std::string key, value;
  bool operator==(const FakeRecord&) const = default;
};

class FakeCluster {
 public:
  // With a `dir` it is a cluster on this machine: no TCP, a socket and a lock for each broker in that directory.
  explicit FakeCluster(int nodes = 1, const std::string& dir = {});
  ~FakeCluster();

  std::string bootstrap();  // all addresses
  void add_topic(const std::string& name, int partitions);
  void remove_topic(const std::string& name);
  // Chooses the fate of each request; called in the cluster's thread. Set before the client connects.
  void set_script(std::function<Plan(const Seen&)> script);
  // Runs in the cluster's thread while it does nothing else.
  void with(std::function<void(FakeCluster&)> what);

  // Below: within with(), or from the script.
  std::map<std::string, FakeTopic> topics;
  int16_t api_versions_max = 4;
  int16_t fetch_max = 18;
  int16_t produce_max = 13;
  int16_t metadata_max = 13;
  std::map<protocol::ApiKey, int16_t> oldest;  // versions, where they are not ours
  bool configs_are_sensitive = false;
  bool takes_frames_in_memory = false;  // of clients of this machine
  int next_topic_id = 1;
  int duplicates = 0;                 // batches that came again
  std::map<int, int> requests;        // by api key
  std::optional<std::string> damage;  // the errors of the script are of the leader's disk, in these words
  struct FetchSeen {
    int32_t max_wait_ms;
    size_t partitions;
  };
  std::vector<FetchSeen> fetches;  // as they came
  // Changes what a Fetch would be answered for a partition.
  std::function<void(const protocol::FetchRequest::FetchPartition&, protocol::FetchResponse::PartitionData&)> retouch;
  // Changes what Metadata would be answered.
  std::function<void(protocol::MetadataResponse&)> retouch_metadata;
  // Answers in the cluster's place, if it gives anything: whole, as it is sent.
  std::function<std::optional<std::string>(int node, const protocol::RequestHeader&, Bytes body)> answers;
  // A descriptor that goes with an answer to Fetch: the first one on each connection, or each. Over unix sockets only.
  int passed = -1;
  bool passes_always = false;
  void append(const std::string& topic, int partition, const std::string& batch);
  std::vector<FakeRecord> records(const std::string& topic, int partition);

 private:
  struct Node;
  friend struct Node;
  void run();
  void on_frame(Node& node, transport::ConnectionId id, Bytes frame);
  std::string answer(Node& node, const protocol::RequestHeader& header, Bytes body, const Plan& plan);
  void answer_parked(std::optional<transport::ConnectionId> asks_again = {});
  void send_fetched(Node& node, transport::ConnectionId id, std::string out);

  struct Parked {
    Node* node;
    transport::ConnectionId id;
    std::string frame;
    int64_t until;
  };
  os::PosixClock clock_;
  os::PosixStorage storage_;
  std::vector<std::unique_ptr<os::Lock>> locks_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::function<Plan(const Seen&)> script_;
  std::mutex mutex_;
  std::atomic<bool> ending_{false};
  std::deque<Parked> parked_;  // Fetch that waits for records
  int seen_ = 0;
  std::map<int, int> seen_of_kind_;
  int64_t next_producer_id_ = 1000;
  std::thread thread_;
};

// A whole batch as a producer would send it.
std::string make_batch(const std::vector<std::string>& values, int64_t base_offset = 0, bool control = false);

}  // namespace bobbin::fake
