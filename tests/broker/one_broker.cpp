#include "broker/one_broker.h"

#include "record/scan.h"

namespace bobbin::test {

OneBroker::OneBroker(config::ConfigMap configs, Shows shows)
    : shared_(std::make_shared<MemoryWorld>()), all_(std::make_shared<std::vector<OneBroker*>>()), world(*shared_),
      configs_(std::move(configs)), shows_(shows) {
  check(home::make_root(world.storage, dir).ok(), "a root");
  check(home::create(world.storage, world.random, dir).ok(), "a cluster");
  check(world.storage.make_dir(dir.broker_dir(self)).ok(), "a folder");
  check(world.storage.make_dir(dir.metadata_log_dir()).ok(), "a folder of metadata");
  all_->push_back(this);
  start();
}

OneBroker::OneBroker(OneBroker& beside, BrokerId number, config::ConfigMap configs)
    : self(number), shared_(beside.shared_), all_(beside.all_), world(*shared_), configs_(std::move(configs)) {
  check(world.storage.make_dir(dir.broker_dir(self)).ok(), "a folder");
  all_->push_back(this);
  start();
}

OneBroker::~OneBroker() {
  broker.reset();  // it hangs up on who waits
  std::erase(*all_, this);
}

void OneBroker::start(bool settled) {
  if (shows_ == Shows::yes) {
    auto made = region::Region::create(self);
    check(made.ok(), "memory to show in");
    region = std::move(*made);
  }
  broker =
      std::make_unique<broker::Broker>(world.world, *this, broker::BrokerOptions{self, dir, configs_, "test", {}, boot},
                                       broker::BrokerHooks{[this](const std::string& line) { said.push_back(line); },
                                                           [this](const std::string& listener, bool, const auto& done) {
                                                             listened.emplace_back(listener, world.clock.mono);
                                                             using Bound = std::optional<metadata::Endpoint>;
                                                             done(listens ? listens(listener) : Result<Bound>(Bound()));
                                                           },
                                                           {},
                                                           nullptr,
                                                           region.get()});
  bool ready = false;
  broker->start([&](Status started) { ready = started.ok(); });
  while (!ready && world.jobs.count() > 0) world.jobs.run();
  check(ready, "the broker starts");
  if (settled) settle();
}

void OneBroker::restart_after_kill(bool settled) {
  broker.reset();
  world.kill();
  answers_.clear();
  start(settled);
}

void OneBroker::restart_after_power_cut() {
  broker.reset();
  world.power_cut();
  answers_.clear();
  start();
}

void OneBroker::stop() {
  bool done = false;
  broker->shut_down([&] { done = true; });
  settle();
  check(done && broker->is_closed(), "the broker ends");
  broker.reset();
}

transport::ConnectionId OneBroker::connect(bool unix) {
  transport::ConnectionId id(next_connection_++);
  transport::Peer peer;
  peer.address = "127.0.0.1:50000";
  peer.local_address = "127.0.0.1:9092";
  peer.unix = unix;
  broker->on_connected(id, peer);
  return id;
}

void OneBroker::run_all() {
  for (OneBroker* each : *all_)
    if (each->broker) each->broker->run();
}

bool OneBroker::any_has_work() {
  return std::any_of(all_->begin(), all_->end(),
                     [](OneBroker* each) { return each->broker && each->broker->next_deadline_ms() == 0; });
}

void OneBroker::settle() {
  run_all();
  // Zero: it has work for another round.
  for (int rounds = 0; (world.jobs.count() > 0 || any_has_work()) && rounds < 100'000; rounds++) {
    if (world.jobs.count() > 0) world.jobs.run();
    run_all();
  }
}

void OneBroker::pass(int64_t ms) {
  world.clock.pass(ms);
  settle();
}

void OneBroker::finish_openings() {
  while (broker->replicas().is_opening()) world.jobs.run();
}

void OneBroker::sleep(int64_t ms) {
  const int64_t until = world.clock.mono + ms;
  for (int rounds = 0;; rounds++) {
    check(rounds < 10'000, "a broker that sleeps between its deadlines");
    auto due = broker->next_deadline_ms();
    if (!due || *due > until) break;
    world.clock.pass(std::max<int64_t>(*due - world.clock.mono, 0));
    settle();
  }
  world.clock.pass(until - world.clock.mono);
}

TopicId OneBroker::create(const std::string& name, int32_t partitions, std::map<std::string, std::string> configs) {
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  for (auto& [key, value] : configs) topic.configs.push_back({key, value});
  auto told = call<protocol::CreateTopicsResponse>(7, request);
  check(told.topics.at(0).error_code == 0, "the topic is created");
  return told.topics[0].topic_id;
}

protocol::ProduceRequest OneBroker::produce_request(const std::string& topic, Bytes batch, int16_t acks) {
  protocol::ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 1000;
  request.topic_data.push_back({topic, {}, {{0, batch}}});
  return request;
}

protocol::ProduceResponse::PartitionProduceResponse OneBroker::produce(const std::string& topic, Bytes batch,
                                                                       int16_t version) {
  return call<protocol::ProduceResponse>(version, produce_request(topic, batch))
      .responses.at(0)
      .partition_responses.at(0);
}

protocol::FetchRequest OneBroker::fetch_request(const std::string& topic, int64_t offset, int32_t wait_ms) {
  protocol::FetchRequest request;
  request.max_wait_ms = wait_ms;
  request.min_bytes = 1;
  auto& t = request.topics.emplace_back();
  t.topic = topic;
  auto& p = t.partitions.emplace_back();
  p.fetch_offset = offset;
  p.partition_max_bytes = 1 << 20;
  return request;
}

protocol::FetchResponse::PartitionData OneBroker::fetch(const std::string& topic, int64_t offset, int16_t version) {
  return call<protocol::FetchResponse>(version, fetch_request(topic, offset)).responses.at(0).partitions.at(0);
}

std::string batch_of(const std::vector<std::string>& values, BatchOptions options) {
  record::BatchBuilder builder;
  for (const auto& v : values) builder.add(Timestamp(options.timestamp), std::nullopt, Bytes(v));
  record::BatchFields fields;
  fields.producer_id = ProducerId(options.producer);
  fields.producer_epoch = ProducerEpoch(options.epoch);
  fields.base_sequence = Sequence(options.sequence);
  auto sealed = builder.seal(fields);
  check(sealed.ok(), "a batch");
  return std::move(*sealed);
}

std::vector<std::string> values_in(Bytes records) {
  std::vector<std::string> values;
  record::scan_batches(records, [&](const record::BatchView& batch, size_t) {
    record::RecordReader reader;
    check(reader.open(batch, 1 << 20).ok(), "records");
    record::Record r;
    for (auto more = reader.next(r); more && *more; more = reader.next(r))
      values.emplace_back(r.value.value_or("(null)"));
    return true;
  });
  return values;
}

}  // namespace bobbin::test
