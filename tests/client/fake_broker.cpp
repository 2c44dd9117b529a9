#include "client/fake_broker.h"

#include <algorithm>
#include <set>

#include "home/cluster_dir.h"
#include "os/poller.h"
#include "protocol/codec.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "record/batch_builder.h"

namespace bobbin::fake {

Plan produce_fault(unsigned long draw, std::mt19937& random) {
  static constexpr int16_t codes[] = {2, 6, 7, 19, 20, 56};
  if (draw < 8) return {Fault::close_before, 0};
  if (draw < 16) return {Fault::close_after, 0};
  if (draw < 22) return {Fault::error_before, codes[random() % 6]};
  if (draw < 28) return {Fault::error_after, codes[random() % 6]};
  return {};
}

using namespace protocol;

struct FakeCluster::Node final : transport::Handler {
  Node(FakeCluster& owner, int number, os::Poller made)
      : cluster(owner), id(number), poller(std::move(made)), listener(poller, owner.clock_, *this) {}
  void on_connected(transport::ConnectionId, const transport::Peer&) override {}
  void on_frame(transport::ConnectionId connection, Bytes frame) override {
    cluster.on_frame(*this, connection, frame);
  }
  void on_disconnected(transport::ConnectionId connection) override {
    std::erase_if(cluster.parked_, [&](const Parked& p) { return p.node == this && p.id == connection; });
    has_passed.erase(connection);
  }

  FakeCluster& cluster;
  int id;
  os::Poller poller;
  transport::Listener listener;
  std::set<transport::ConnectionId> has_passed;
  std::string host = "127.0.0.1";
  int port = 0;
};

FakeCluster::FakeCluster(int nodes, const std::string& dir) {
  for (int i = 1; i <= nodes; i++) {
    auto poller = os::Poller::open();
    nodes_.push_back(std::make_unique<Node>(*this, i, std::move(*poller)));
    if (!dir.empty()) {
      home::ClusterDir place{dir};
      auto made = storage_.make_dir(place.broker_dir(BrokerId(i)));
      auto lock = storage_.try_lock(place.broker_lock(BrokerId(i)));
      auto started = nodes_.back()->listener.start_unix(place.broker_socket(BrokerId(i)));
      if (!made || !lock || !started) std::abort();
      locks_.push_back(std::move(*lock));
      continue;
    }
    auto address = nodes_.back()->listener.start_tcp("127.0.0.1", 0);
    nodes_.back()->port = std::stoi(address->substr(address->rfind(':') + 1));
  }
  thread_ = std::thread([this] { run(); });
}

FakeCluster::~FakeCluster() {
  ending_ = true;
  thread_.join();
}

std::string FakeCluster::bootstrap() {
  std::string all;
  for (auto& node : nodes_) all += (all.empty() ? "" : ",") + node->host + ":" + std::to_string(node->port);
  return all;
}

void FakeCluster::with(std::function<void(FakeCluster&)> what) {
  std::lock_guard hold(mutex_);
  what(*this);
}

void FakeCluster::set_script(std::function<Plan(const Seen&)> script) {
  std::lock_guard hold(mutex_);
  script_ = std::move(script);
}

void FakeCluster::add_topic(const std::string& name, int partitions) {
  std::lock_guard hold(mutex_);
  FakeTopic topic;
  topic.id.bytes[15] = static_cast<unsigned char>(next_topic_id++);
  topic.partitions.resize(static_cast<size_t>(partitions));
  for (int p = 0; p < partitions; p++)
    topic.partitions[static_cast<size_t>(p)].leader = 1 + p % static_cast<int>(nodes_.size());
  topics[name] = std::move(topic);
}

void FakeCluster::remove_topic(const std::string& name) {
  std::lock_guard hold(mutex_);
  topics.erase(name);
}

void FakeCluster::run() {
  while (!ending_) {
    for (auto& node : nodes_) {
      auto ready = node->poller.wait(nodes_.size() == 1 ? 2 : 1);
      std::lock_guard hold(mutex_);
      if (ready)
        for (const auto& event : *ready)
          if (transport::Listener::owns(event.token)) node->listener.on_ready(event);
      node->listener.finish_round();
    }
    std::lock_guard hold(mutex_);
    answer_parked();
  }
}

namespace {

template <class Request>
Request must_decode(Bytes body, int16_t version) {
  auto request = decode<Request>(body, version);
  if (!request) std::abort();
  return std::move(*request);
}

bool has_effect(Fault fault) {
  return fault == Fault::none || fault == Fault::misnumbered || fault == Fault::close_after ||
         fault == Fault::error_after;
}
bool is_error(Fault fault) { return fault == Fault::error_before || fault == Fault::error_after; }

ApiVersionsResponse versions(const FakeCluster& cluster, int16_t error) {
  ApiVersionsResponse answer;
  answer.error_code = error;
  answer.takes_frames_in_memory = cluster.takes_frames_in_memory;
  if (error != 0) {
    answer.api_keys.push_back({18, 0, cluster.api_versions_max});
    return answer;
  }
  for (const auto& api : known_apis()) {
    int16_t last = api.versions.last;
    if (api.key == ApiKey::fetch) last = std::min(last, cluster.fetch_max);
    if (api.key == ApiKey::produce) last = std::min(last, cluster.produce_max);
    if (api.key == ApiKey::metadata) last = std::min(last, cluster.metadata_max);
    auto oldest = cluster.oldest.find(api.key);
    answer.api_keys.push_back(
        {static_cast<int16_t>(api.key), oldest == cluster.oldest.end() ? api.versions.first : oldest->second, last});
  }
  return answer;
}

int16_t check_sequence(FakePartition& partition, const record::BatchView& batch, int& duplicates, bool& duplicate) {
  duplicate = false;
  if (batch.producer_id() == producer_id_none) return 0;
  auto& state = partition.producers[batch.producer_id().value];
  int32_t first = batch.base_sequence().value;
  int32_t last = first + batch.records_count() - 1;
  for (auto& [f, l] : state.last)
    if (f == first && l == last) {
      duplicates++;
      duplicate = true;
      return 0;
    }
  // As in Kafka, a producer that nobody knows may begin anywhere.
  if (!state.last.empty() && first != state.last.back().second + 1) return 45;
  state.last.push_back({first, last});
  if (state.last.size() > 5) state.last.pop_front();
  return 0;
}

void append_to(FakePartition& partition, Bytes batch) {
  std::string kept(batch);
  record::stamp(kept.data(), Offset(partition.end), LeaderEpoch(partition.epoch));
  partition.end = record::BatchView(kept).next_offset().value;
  partition.log += kept;
}

int16_t produce_to(FakeTopic& topic, FakePartition& partition, int node, Bytes bytes, int& duplicates) {
  if (partition.leader != node) return 6;
  auto batch = record::BatchView::parse(bytes);
  if (!batch || batch->bytes().size() != bytes.size()) return 87;
  if (static_cast<int32_t>(bytes.size()) > topic.max_batch_bytes) return 10;
  if (!batch->crc_is_valid()) return 2;
  bool duplicate = false;
  if (int16_t code = check_sequence(partition, *batch, duplicates, duplicate)) return code;
  if (!duplicate) append_to(partition, bytes);
  return 0;
}

std::pair<const std::string*, FakeTopic*> find_topic(std::map<std::string, FakeTopic>& topics, const std::string& name,
                                                     const Uuid& id, bool by_id) {
  for (auto& [n, t] : topics)
    if (by_id ? t.id == id : n == name) return {&n, &t};
  return {nullptr, nullptr};
}

}  // namespace

void FakeCluster::append(const std::string& topic, int partition, const std::string& batch) {
  append_to(topics.at(topic).partitions.at(static_cast<size_t>(partition)), batch);
}

std::string make_batch(const std::vector<std::string>& values, int64_t base_offset, bool control) {
  record::BatchBuilder builder;
  for (const auto& v : values) builder.add(Timestamp(1000), std::nullopt, Bytes(v));
  record::BatchFields fields;
  fields.base_offset = Offset(base_offset);
  fields.control = control;
  return std::move(*builder.seal(fields));
}

std::vector<FakeRecord> FakeCluster::records(const std::string& topic, int number) {
  std::vector<FakeRecord> all;
  Bytes rest = topics.at(topic).partitions.at(static_cast<size_t>(number)).log;
  while (!rest.empty()) {
    auto batch = record::BatchView::parse(rest);
    if (!batch) std::abort();
    rest.remove_prefix(batch->bytes().size());
    record::RecordReader reader;
    if (!reader.open(*batch, 1 << 30)) std::abort();
    record::Record r;
    while (*reader.next(r))
      all.push_back({r.offset.value, std::string(r.key.value_or("")), std::string(r.value.value_or(""))});
  }
  return all;
}

void FakeCluster::on_frame(Node& node, transport::ConnectionId id, Bytes frame) {
  // What is asked behind it is not answered before it.
  answer_parked(id);
  Bytes rest = frame;
  auto header = decode_request_header(rest);
  if (!header) return node.listener.close(id);
  int key = static_cast<int>(header->api_key);
  requests[key]++;
  if (header->api_key == ApiKey::fetch) {
    auto request = must_decode<FetchRequest>(rest, header->api_version);
    size_t partitions = 0;
    for (const auto& topic : request.topics) partitions += topic.partitions.size();
    fetches.push_back({request.max_wait_ms, partitions});
  }
  Seen seen{node.id, header->api_key, header->api_version, seen_++, seen_of_kind_[key]++};
  Plan plan = script_ ? script_(seen) : Plan{};
  if (plan.fault == Fault::silent) return;
  if (plan.fault == Fault::close_before) return node.listener.close(id);
  std::string out = answer(node, *header, rest, plan);
  if (plan.fault == Fault::close_after) return node.listener.close(id);
  if (out.empty()) {
    if (header->api_key == ApiKey::fetch) parked_.push_back({&node, id, std::string(frame), clock_.mono_ms() + 30});
    return;
  }
  if (header->api_key == ApiKey::fetch) send_fetched(node, id, std::move(out));
  else node.listener.send(id, std::move(out));
  answer_parked();
}

void FakeCluster::send_fetched(Node& node, transport::ConnectionId id, std::string out) {
  bool passes = passed >= 0 && (passes_always || node.has_passed.insert(id).second);
  if (passes) node.listener.send_with(id, std::move(out), passed);
  else node.listener.send(id, std::move(out));
}

void FakeCluster::answer_parked(std::optional<transport::ConnectionId> asks_again) {
  auto parked = std::move(parked_);
  parked_.clear();
  for (auto& p : parked) {
    Bytes rest = p.frame;
    auto header = decode_request_header(rest);
    Plan now;
    if (p.id == asks_again || clock_.mono_ms() >= p.until) now.error = -99;  // answer, even with nothing
    std::string out = answer(*p.node, *header, rest, now);
    if (out.empty()) parked_.push_back(std::move(p));
    else send_fetched(*p.node, p.id, std::move(out));
  }
}

std::string FakeCluster::answer(Node& node, const RequestHeader& header, Bytes body, const Plan& plan) {
  int32_t correlation = header.correlation_id + (plan.fault == Fault::misnumbered ? 1 : 0);
  int16_t version = header.api_version;
  int16_t error = is_error(plan.fault) ? plan.error : int16_t{0};
  if (answers)
    if (auto instead = answers(node.id, header, body)) return std::move(*instead);
  switch (header.api_key) {
    case ApiKey::api_versions: {
      if (version > api_versions_max) return encode_response(correlation, 0, versions(*this, 35));
      return encode_response(correlation, version, versions(*this, 0));
    }
    case ApiKey::metadata: {
      auto request = must_decode<MetadataRequest>(body, version);
      MetadataResponse answer;
      answer.cluster_id = "fake";
      answer.controller_id = 1;
      for (auto& n : nodes_) answer.brokers.push_back({n->id, n->host, n->port, std::nullopt});
      std::vector<std::string> names;
      if (request.topics)
        for (auto& t : *request.topics) names.push_back(t.name.value_or(""));
      else
        for (auto& [name, topic] : topics) names.push_back(name);
      for (auto& name : names) {
        auto& to = answer.topics.emplace_back();
        to.name = name;
        auto it = topics.find(name);
        to.error_code = error != 0 ? error : it == topics.end() ? int16_t{3} : int16_t{0};
        if (to.error_code != 0) continue;
        to.topic_id = it->second.id;
        int32_t index = 0;
        for (auto& p : it->second.partitions)
          to.partitions.push_back({0, index++, p.leader, p.epoch, {p.leader}, {p.leader}, {}});
      }
      if (retouch_metadata) retouch_metadata(answer);
      return encode_response(correlation, version, answer);
    }
    case ApiKey::describe_configs: {
      auto request = must_decode<DescribeConfigsRequest>(body, version);
      DescribeConfigsResponse answer;
      for (auto& r : request.resources) {
        auto& result = answer.results.emplace_back();
        result.resource_type = r.resource_type;
        result.resource_name = r.resource_name;
        if (!topics.contains(r.resource_name)) result.error_code = 3;
        if (result.error_code == 0)
          result.configs.push_back({"max.message.bytes",
                                    std::to_string(topics[r.resource_name].max_message_bytes),
                                    false,
                                    5,
                                    configs_are_sensitive,
                                    {},
                                    3,
                                    std::nullopt});
      }
      return encode_response(correlation, version, answer);
    }
    case ApiKey::init_producer_id: {
      InitProducerIdResponse answer;
      answer.error_code = error;
      answer.producer_id = next_producer_id_++;
      return encode_response(correlation, version, answer);
    }
    case ApiKey::create_topics: {
      auto request = must_decode<CreateTopicsRequest>(body, version);
      CreateTopicsResponse answer;
      for (auto& t : request.topics) {
        auto& result = answer.topics.emplace_back();
        result.name = t.name;
        result.error_code = topics.contains(t.name) ? int16_t{36} : error;
        if (result.error_code != 0) continue;
        FakeTopic topic;
        topic.id.bytes[15] = static_cast<unsigned char>(next_topic_id++);
        topic.partitions.resize(static_cast<size_t>(std::max(1, t.num_partitions)));
        result.num_partitions = static_cast<int32_t>(topic.partitions.size());
        result.topic_id = topic.id;
        topics[t.name] = std::move(topic);
      }
      return encode_response(correlation, version, answer);
    }
    case ApiKey::produce: {
      auto request = must_decode<ProduceRequest>(body, version);
      ProduceResponse answer;
      for (auto& t : request.topic_data) {
        auto [name, topic] = find_topic(topics, t.name, t.topic_id, version >= 13);
        auto& to = answer.responses.emplace_back();
        to.name = t.name;
        to.topic_id = t.topic_id;
        for (auto& p : t.partition_data) {
          auto& result = to.partition_responses.emplace_back();
          result.index = p.index;
          if (!topic) result.error_code = version >= 13 ? int16_t{100} : int16_t{3};
          else if (has_effect(plan.fault)) {
            FakePartition& partition = topic->partitions.at(static_cast<size_t>(p.index));
            result.base_offset = partition.end;
            result.error_code = produce_to(*topic, partition, node.id, p.records.value_or(Bytes{}), duplicates);
            if (result.base_offset == partition.end) result.base_offset = -1;  // refused, or there already
          }
          if (error == 0) continue;
          result.error_code = error;
          result.error_message = damage;
          result.is_damaged = damage.has_value();
        }
      }
      if (request.acks == 0) return {};
      return encode_response(correlation, version, answer);
    }
    case ApiKey::list_offsets: {
      auto request = must_decode<ListOffsetsRequest>(body, version);
      ListOffsetsResponse answer;
      for (auto& t : request.topics) {
        auto& to = answer.topics.emplace_back();
        to.name = t.name;
        auto it = topics.find(t.name);
        for (auto& p : t.partitions) {
          auto& result = to.partitions.emplace_back();
          result.partition_index = p.partition_index;
          if (it == topics.end()) {
            result.error_code = 3;
            continue;
          }
          auto& partition = it->second.partitions.at(static_cast<size_t>(p.partition_index));
          result.error_code = error != 0 ? error : partition.leader != node.id ? int16_t{6} : int16_t{0};
          if (error != 0) result.damage = damage;
          result.offset = p.timestamp == -2             ? partition.start
                          : p.timestamp == -1           ? partition.end
                          : p.timestamp < partition.end ? p.timestamp
                                                        : -1;
        }
      }
      return encode_response(correlation, version, answer);
    }
    case ApiKey::fetch: {
      auto request = must_decode<FetchRequest>(body, version);
      FetchResponse answer;
      bool any = error != 0 || plan.error == -99 || plan.fault != Fault::none;
      for (auto& t : request.topics) {
        auto [name, topic] = find_topic(topics, t.topic, t.topic_id, version >= 13);
        auto& to = answer.responses.emplace_back();
        to.topic = t.topic;
        to.topic_id = t.topic_id;
        for (auto& p : t.partitions) {
          auto& result = to.partitions.emplace_back();
          result.partition_index = p.partition;
          result.high_watermark = -1;
          if (!topic) result.error_code = version >= 13 ? int16_t{100} : int16_t{3};
          else if (topic->partitions.at(static_cast<size_t>(p.partition)).leader != node.id) result.error_code = 6;
          if (error != 0) result.error_code = error;
          if (error != 0) result.damage = damage;
          if (result.error_code != 0) {
            any = true;
            continue;
          }
          auto& partition = topic->partitions.at(static_cast<size_t>(p.partition));
          if (p.fetch_offset < partition.start || p.fetch_offset > partition.end) {
            result.error_code = 1;
            any = true;
            continue;
          }
          result.high_watermark = partition.end;
          result.last_stable_offset = partition.end;
          Bytes rest = partition.log;
          while (!rest.empty() && record::BatchView(rest).next_offset().value <= p.fetch_offset)
            rest.remove_prefix(*record::batch_size(rest));
          // A batch is cut anywhere but the first one.
          size_t most = static_cast<size_t>(std::max(p.partition_max_bytes, 0));
          if (!rest.empty()) most = std::max(most, *record::batch_size(rest));
          result.records = rest.substr(0, most);
          if (retouch) retouch(p, result);
          if (!rest.empty()) any = true;
        }
      }
      if (!any) return {};
      return encode_response(correlation, version, answer);
    }
    default:
      return {};
  }
}

}  // namespace bobbin::fake
