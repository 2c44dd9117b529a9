#include "sim/producer.h"

#include "record/batch_builder.h"

namespace bobbin::sim {

namespace {
constexpr size_t in_flight_max = 5;
constexpr int16_t produce_version = 13;

bool is_passing(Errc code) {
  switch (code) {
    case Errc::kafka_storage_error:
    case Errc::not_leader_or_follower:
    case Errc::not_enough_replicas:
    case Errc::request_timed_out:
    case Errc::unknown_topic_id:
    case Errc::unknown_topic_or_partition:
      return true;
    default:
      return false;
  }
}
}  // namespace

Producer::Producer(Stage& stage, Network& network, Nodes& nodes, Model& model, const Profile& profile, int number)
    : stage_(stage), model_(model), profile_(profile), nodes_(nodes), caller_(stage, network, nodes),
      zombie_(stage, network, nodes), number_(number) {}

bool Producer::wants_to_act() {
  if (rests_until_ && stage_.clock.mono < *rests_until_) return false;
  rests_until_.reset();
  if (id_ < 0) return !asking_;
  if (!last_round_) return true;
  for (auto& [place, s] : streams_)
    if (has_unsent(s) || s.last_round_left > 0) return true;
  return false;
}

void Producer::act() {
  if (id_ < 0) return ask_for_id();
  Stream* s = choose();
  if (!s) return rest(20);
  note_power_cuts(*s);
  if (has_unsent(*s)) return send_next(*s);
  if (s->zombie_ready && stage_.chance(1, 2)) return send_zombie(*s);
  if (s->unacked.size() >= in_flight_max) return rest(10);
  if (s->unacked.empty() && s->next_sequence > 0 && stage_.chance(1, 4)) raise_epoch(*s);
  make_batch(*s);
  send_next(*s);
  if (stage_.chance(1, 3)) rest(20);
}

void Producer::ask_for_id() {
  using Answer = protocol::InitProducerIdResponse;
  size_t node = stage_.random.below(caller_.nodes());
  asking_ = caller_.ask<protocol::InitProducerIdRequest, Answer>(node, 4, {}, [this](std::optional<Answer> answer) {
    asking_ = false;
    if (!answer || answer->error_code != 0) return rest(50);
    id_ = answer->producer_id;
    stage_.note([&] { return "producer " + std::to_string(number_) + " has id " + std::to_string(id_); });
  });
  if (!asking_) rest(50);
}

// --- streams

Producer::Stream* Producer::choose() {
  if (last_round_) {
    for (auto& [place, s] : streams_)
      if (has_unsent(s) || (s.last_round_left > 0 && s.unacked.size() < in_flight_max)) return &s;
    return nullptr;
  }
  for (auto& [place, s] : streams_)
    if (has_unsent(s) && stage_.chance(3, 4)) return &s;
  auto topics = model_.topics(Topic::State::there);
  auto doubtful = model_.topics(Topic::State::perhaps);
  if (!doubtful.empty() && stage_.chance(1, 8)) topics = doubtful;
  if (topics.empty()) return nullptr;
  const Topic& topic = *model_.find(topics[stage_.random.below(topics.size())]);
  auto partition = static_cast<int32_t>(stage_.random.below(static_cast<uint64_t>(topic.partitions_promised)));
  return stream_for({topic.id, partition});
}

Producer::Stream* Producer::stream_for(Place place) {
  auto [it, is_new] = streams_.try_emplace(place);
  Stream& s = it->second;
  if (is_new) {
    s.place = place;
    s.id = id_;
    s.acks = stage_.chance(profile_.acks_1, 5) ? 1 : -1;
    if (s.acks == -1) model_.note_producer(place, id_);
    s.name = "p" + std::to_string(number_) + "." + std::to_string(streams_made_++);
    s.power_cuts = stage_.power_cuts;
  }
  return &s;
}

bool Producer::has_unsent(const Stream& s) const {
  return std::any_of(s.unacked.begin(), s.unacked.end(), [](const Batch& b) { return !b.sent; });
}

void Producer::make_batch(Stream& s) {
  Batch batch;
  batch.epoch = s.epoch;
  batch.sequence = s.next_sequence;
  batch.key = next_key_++;
  uint64_t count = stage_.between(1, 4);
  for (uint64_t i = 0; i < count; i++) batch.values.push_back(s.name + "/" + std::to_string(s.next_number++));
  batch.bytes = build(s, batch);
  s.next_sequence += static_cast<int32_t>(count);
  if (s.last_round_left > 0) s.last_round_left--;
  s.unacked.push_back(std::move(batch));
}

// Values of different sizes: some batches fit a sector of the disk, some span several.
std::string Producer::build(const Stream& s, const Batch& batch) {
  record::BatchBuilder builder;
  std::string padding(stage_.chance(1, 4) ? stage_.random.below(900) : stage_.random.below(40), '.');
  for (const std::string& value : batch.values) builder.add(stage_.clock.wall(), padding, Bytes(value));
  record::BatchFields fields;
  fields.producer_id = ProducerId(s.id);
  fields.producer_epoch = ProducerEpoch(batch.epoch);
  fields.base_sequence = Sequence(batch.sequence);
  constexpr record::Compression codecs[] = {record::Compression::gzip, record::Compression::snappy,
                                            record::Compression::lz4, record::Compression::zstd};
  if (stage_.chance(1, 3)) fields.compression = codecs[stage_.random.below(std::size(codecs))];
  auto sealed = builder.seal(fields);
  check(sealed.ok(), "a batch can be built");
  return std::move(*sealed);
}

// --- sending

protocol::ProduceRequest Producer::request_for(const Stream& s, const Batch& batch) const {
  protocol::ProduceRequest request;
  request.acks = s.acks;
  request.timeout_ms = 3000;
  request.topic_data.push_back(
      {model_.find(s.place.topic)->plan.name, s.place.topic, {{s.place.partition, Bytes(batch.bytes)}}});
  return request;
}

size_t Producer::leader_of(Stream& s) {
  if (!s.leader) s.leader = stage_.random.below(caller_.nodes());
  return *s.leader;
}

void Producer::send_next(Stream& s) {
  for (Batch& batch : s.unacked) {
    if (batch.sent) continue;
    auto then = [this, place = s.place, key = batch.key](std::optional<Response> response) {
      answered(place, key, std::move(response));
    };
    bool sent = caller_.ask<protocol::ProduceRequest, Response>(leader_of(s), produce_version, request_for(s, batch),
                                                                std::move(then));
    if (!sent) {
      s.leader.reset();
      return rest(60);
    }
    stage_.note([&] {
      return s.name + " sends " + batch.values.front() + (batch.times_sent > 0 ? " again" : "") + " (epoch " +
             std::to_string(batch.epoch) + ", sequence " + std::to_string(batch.sequence) + ") to broker " +
             std::to_string(*s.leader + 1);
    });
    batch.sent = true;
    batch.times_sent++;
    return;
  }
}

// Everything that was not answered is sent again, on another connection. What is still on its way may arrive before it,
// or behind it.
void Producer::rewind(Stream& s) {
  if (s.leader) caller_.hang_up(*s.leader);  // comes back here for each batch that waits
  for (Batch& b : s.unacked) b.sent = false;
  s.leader.reset();
  rest(80);
}

void Producer::answered(Place place, uint64_t key, std::optional<Response> response) {
  Stream& s = streams_.at(place);
  auto batch = std::find_if(s.unacked.begin(), s.unacked.end(), [&](const Batch& b) { return b.key == key; });
  if (batch == s.unacked.end()) return;  // given up
  if (!response) {
    batch->sent = false;
    s.leader.reset();
    return;
  }
  if (response->responses.size() != 1 || response->responses[0].partition_responses.size() != 1)
    return stage_.violate("an answer to Produce of another shape than its request");
  const auto& told = response->responses[0].partition_responses[0];
  if (told.error_code == 0) return stored(s, key, told);
  failed(s, *batch, told);
}

void Producer::stored(Stream& s, uint64_t key, const Response::PartitionProduceResponse& told) {
  auto batch = std::find_if(s.unacked.begin(), s.unacked.end(), [&](const Batch& b) { return b.key == key; });
  stage_.note([&] {
    return s.name + ": " + batch->values.front() + " is acknowledged at " + std::to_string(told.base_offset);
  });
  if (batch->times_sent > 1) stage_.counters.add(Event::sent_again);
  model_.acknowledged(s.place, told.base_offset, batch->values, s.acks == -1);
  if (s.before) {
    s.zombie_ready = true;
    s.zombie_power_cuts = stage_.power_cuts;
  } else if (stage_.chance(1, 2)) {
    s.before = *batch;
    s.before->key = 0;
  }
  if (s.before && s.before->epoch == s.epoch) s.zombie_ready = false;
  s.unacked.erase(batch);
}

void Producer::failed(Stream& s, const Batch& batch, const Response::PartitionProduceResponse& told) {
  auto code = static_cast<Errc>(told.error_code);
  stage_.note([&] {
    return s.name + ": " + batch.values.front() + " is refused: " + std::string(name(code)) + " " +
           told.error_message.value_or("");
  });
  bool is_gone = code == Errc::unknown_topic_id || code == Errc::unknown_topic_or_partition;
  if (is_gone && model_.find(s.place.topic)->state != Topic::State::there) {
    s.unacked.clear();
    s.last_round_left = 0;
    return raise_epoch(s);  // should it be there after all: those are given up
  }
  note_power_cuts(s);
  if (code == Errc::out_of_order_sequence_number && s.may_have_lost) {
    // What was acknowledged and not promised is gone. What was not acknowledged is given up with it.
    s.unacked.clear();
    s.may_have_lost = false;
    return raise_epoch(s);
  }
  if (!is_passing(code))
    return stage_.violate(s.name + ": " + batch.values.front() + " (epoch " + std::to_string(batch.epoch) +
                          ", sequence " + std::to_string(batch.sequence) + ") is refused with " +
                          std::string(name(code)) + ": " + told.error_message.value_or(""));
  rewind(s);
}

// acks=1 and flush.policy=os may lose acknowledged records in a power cut: then the broker misses sequences. And where
// retention is tighter than a producer's patience, what it sends again may have been stored and deleted.
void Producer::note_power_cuts(Stream& s) {
  const Topic& topic = *model_.find(s.place.topic);
  const TopicPlan& plan = topic.plan;
  if (plan.trims || (s.acks == 1 && topic.has_others())) s.may_have_lost = true;
  if (s.power_cuts == stage_.power_cuts) return;
  s.power_cuts = stage_.power_cuts;
  if (s.acks == 1 || plan.os) s.may_have_lost = true;
}

// --- epochs

void Producer::raise_epoch(Stream& s) {
  stage_.counters.add(Event::producer_epoch_raised);
  s.epoch++;
  s.next_sequence = 0;
  s.zombie_ready = false;
  stage_.note([&] { return s.name + " raises its epoch to " + std::to_string(s.epoch); });
}

void Producer::send_zombie(Stream& s) {
  s.zombie_ready = false;
  const Topic& topic = *model_.find(s.place.topic);
  bool lossy = s.acks == 1 || topic.plan.os;
  if (s.acks == 1 && topic.has_others()) return;
  if (!s.leader || !s.before || (lossy && s.zombie_power_cuts != stage_.power_cuts)) return;
  Batch old = std::move(*s.before);
  s.before.reset();
  auto then = [this, name = s.name, lossy, cuts = s.zombie_power_cuts](std::optional<Response> response) {
    if (!response || (lossy && cuts != stage_.power_cuts)) return;
    auto code = static_cast<Errc>(response->responses.at(0).partition_responses.at(0).error_code);
    if (code == Errc::invalid_producer_epoch) return stage_.counters.add(Event::zombie_refused);
    if (!is_passing(code))
      stage_.violate(name + ": a zombie's batch of an older epoch is answered with " + std::string(bobbin::name(code)) +
                     ", not INVALID_PRODUCER_EPOCH");
  };
  stage_.note(
      [&] { return s.name + ": a zombie sends " + old.values.front() + " of epoch " + std::to_string(old.epoch); });
  zombie_.ask<protocol::ProduceRequest, Response>(*s.leader, produce_version, request_for(s, old), std::move(then));
}

// --- the end

void Producer::begin_last_round() {
  last_round_ = true;
  rests_until_.reset();
  for (const TopicId& id : model_.topics(Topic::State::there))
    for (int32_t p = 0; p < model_.find(id)->partitions_promised; p++) {
      Place place{id, p};
      if (id_ >= 0) stream_for(place)->last_round_left = 1;
    }
}

bool Producer::is_done() const {
  if (id_ < 0) return false;
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const auto& s) { return s.second.unacked.empty() && s.second.last_round_left == 0; });
}

std::string Producer::unfinished() const {
  if (id_ < 0) return "producer " + std::to_string(number_) + " has no id";
  for (const auto& [place, s] : streams_)
    if (!s.unacked.empty() || s.last_round_left > 0)
      return s.name + " has " + std::to_string(s.unacked.size()) + " batches that are not acknowledged";
  return {};
}

}  // namespace bobbin::sim
