#include "sim/consumer.h"

#include "record/batch.h"

namespace bobbin::sim {

namespace {
constexpr int16_t fetch_version = 16;
constexpr int16_t list_offsets_version = 7;
constexpr int64_t earliest = -2;
constexpr int waits_max = 100;
constexpr size_t decompressed_bytes_max = 1 << 20;
}  // namespace

Consumer::Consumer(Stage& stage, Network& network, Nodes& nodes, Model& model, int number)
    : stage_(stage), model_(model), caller_(stage, network, nodes), number_(number) {}

std::string Consumer::text() const {
  return "consumer " + std::to_string(number_) + " at " + model_.find(at_->place.topic)->plan.name + "-" +
         std::to_string(at_->place.partition) + " offset " + std::to_string(at_->next);
}

bool Consumer::wants_to_act() {
  if (rests_until_ && stage_.clock.mono < *rests_until_) return false;
  rests_until_.reset();
  if (asking_) return false;
  return !last_round_ || at_ || !left_.empty();
}

void Consumer::act() {
  if (!at_) choose();
  if (!at_) return rest(100);
  if (!at_->knows_start) return ask_for_start();
  fetch();
}

void Consumer::choose() {
  At at;
  if (last_round_) {
    at.place = left_.back();
    left_.pop_back();
  } else {
    auto topics = model_.topics(Topic::State::there);
    if (topics.empty()) return;
    const Topic& topic = *model_.find(topics[stage_.random.below(topics.size())]);
    at.place = {topic.id, static_cast<int32_t>(stage_.random.below(static_cast<uint64_t>(topic.partitions_promised)))};
  }
  at.power_cuts = stage_.power_cuts;
  at.node = stage_.random.below(caller_.nodes());
  at.key = next_key_++;
  at_ = std::move(at);
}

// Where the log begins, which topics that are trimmed alone have to be asked.
void Consumer::ask_for_start() {
  const Topic& topic = *model_.find(at_->place.topic);
  protocol::ListOffsetsRequest request;
  request.replica_id = -1;
  request.topics.push_back({topic.plan.name, {{at_->place.partition, -1, earliest}}});
  using Answer = protocol::ListOffsetsResponse;
  asking_ = caller_.ask<protocol::ListOffsetsRequest, Answer>(
      at_->node, list_offsets_version, request, [this, key = at_->key](std::optional<Answer> answer) {
        asking_ = false;
        if (!at_ || at_->key != key) return;
        if (!answer || answer->topics.size() != 1 || answer->topics[0].partitions.size() != 1) {
          at_->node = stage_.random.below(caller_.nodes());
          return rest(50);
        }
        const auto& told = answer->topics[0].partitions[0];
        if (told.error_code != 0) return failed(static_cast<Errc>(told.error_code));
        at_->knows_start = true;
        at_->start = at_->next = told.offset;
      });
  if (asking_) return;
  at_->node = stage_.random.below(caller_.nodes());
  rest(50);
}

void Consumer::fetch() {
  protocol::FetchRequest request;
  request.max_wait_ms = last_round_ ? 0 : static_cast<int32_t>(stage_.random.below(300));
  request.min_bytes = 1;
  request.max_bytes = static_cast<int32_t>(stage_.between(1, 1 << stage_.between(6, 17)));
  protocol::FetchRequest::FetchPartition partition;
  partition.partition = at_->place.partition;
  partition.fetch_offset = at_->next;
  partition.partition_max_bytes = request.max_bytes;
  request.topics.push_back({model_.find(at_->place.topic)->plan.name, at_->place.topic, {partition}});
  auto then = [this, key = at_->key, next = at_->next,
               certain = model_.certain_end(at_->place)](std::optional<Response> response) {
    asking_ = false;
    got(key, next, certain, std::move(response));
  };
  asking_ = caller_.ask<protocol::FetchRequest, Response>(at_->node, fetch_version, request, std::move(then));
  if (asking_) return;
  at_->node = stage_.random.below(caller_.nodes());
  rest(50);
}

void Consumer::got(uint64_t key, int64_t asked, int64_t certain_before, std::optional<Response> response) {
  if (!at_ || at_->key != key) return;
  if (!response) {
    at_->node = stage_.random.below(caller_.nodes());
    return rest(50);
  }
  if (response->responses.size() != 1 || response->responses[0].partitions.size() != 1)
    return stage_.violate("an answer to Fetch of another shape than its request");
  const auto& data = response->responses[0].partitions[0];
  if (data.error_code != 0) return failed(static_cast<Errc>(data.error_code));
  // Whose leader does not know yet how far it was promised reads what that one knows of, and is not told that it ends there.
  if (data.high_watermark < certain_before && asked >= data.high_watermark)
    return stage_.violate(text() + ": the high watermark is " + std::to_string(data.high_watermark) + ", it was " +
                          std::to_string(certain_before));
  take_in(data, asked);
}

void Consumer::take_in(const Response::PartitionData& data, int64_t asked) {
  // A power cut that came after the answer had left makes it a story of the past.
  if (at_->power_cuts != stage_.power_cuts) return at_.reset();
  model_.promised(at_->place, data.high_watermark);
  Bytes records = data.records.value_or(Bytes());
  if (asked < data.high_watermark && records.empty())
    return stage_.violate(text() + " is below the high watermark " + std::to_string(data.high_watermark) +
                          ", and nothing comes");
  if (!take_batches(records, data.high_watermark)) return;
  if (asked < data.high_watermark && at_->next == asked) return stage_.violate(text() + " gets no whole batch");
  if (at_->next >= data.high_watermark) ended(data.high_watermark);
}

bool Consumer::take_batches(Bytes records, int64_t high_watermark) {
  while (records.size() >= record::batch_head_bytes) {
    auto size = record::batch_size(records);
    if (!size) return stage_.violate(text() + ": what comes is no batch"), false;
    if (*size > records.size()) return true;  // torn by the limit
    record::BatchView batch(records.substr(0, *size));
    records.remove_prefix(*size);
    if (!batch.crc_is_valid()) return stage_.violate(text() + ": a checksum is wrong"), false;
    if (batch.last_offset().value >= high_watermark)
      return stage_.violate(text() + ": a batch reaches to " + std::to_string(batch.last_offset().value) +
                            ", beyond the high watermark " + std::to_string(high_watermark)),
             false;
    record::RecordReader reader;
    if (!reader.open(batch, decompressed_bytes_max)) return stage_.violate(text() + ": a batch cannot be read"), false;
    for (record::Record r;;) {
      auto more = reader.next(r);
      if (!more) return stage_.violate(text() + ": a record cannot be read"), false;
      if (!*more) break;
      if (r.offset.value < at_->next) continue;
      if (r.offset.value != at_->next)
        return stage_.violate(text() + ": the next record is at " + std::to_string(r.offset.value)), false;
      std::string value(r.value.value_or(Bytes()));
      if (auto wrong = at_->reading.next(r.offset.value, value)) return stage_.violate(text() + ": " + *wrong), false;
      model_.read(at_->place, r.offset.value, value);
      at_->next++;
    }
  }
  return true;
}

void Consumer::ended(int64_t high_watermark) {
  // What was acknowledged at append (acks=1) is shown once it is flushed.
  if (last_round_ && high_watermark < model_.known_end(at_->place) && at_->waits++ < waits_max) return rest(50);
  if (last_round_) {
    model_.check_whole(at_->place, at_->start, high_watermark);
    at_.reset();
    return;
  }
  if (stage_.chance(1, 3)) {
    at_.reset();
    return;
  }
  rest(60);
}

void Consumer::failed(Errc code) {
  stage_.note([&] { return text() + " gets " + std::string(name(code)); });
  const Topic& topic = *model_.find(at_->place.topic);
  switch (code) {
    case Errc::offset_not_available:
    case Errc::leader_not_available:
    case Errc::not_leader_or_follower:
    case Errc::kafka_storage_error:
    case Errc::unknown_topic_id:
    case Errc::unknown_topic_or_partition:
      at_->node = stage_.random.below(caller_.nodes());
      if (!last_round_ && topic.state != Topic::State::there) at_.reset();
      return rest(80);
    case Errc::offset_out_of_range:
      if (!topic.plan.trims && at_->power_cuts == stage_.power_cuts)
        return stage_.violate(text() + ": the log does not reach there any more");
      if (last_round_) left_.push_back(at_->place);
      at_.reset();
      return rest(30);
    default:
      return stage_.violate(text() + " gets " + std::string(name(code)));
  }
}

void Consumer::begin_last_round(std::vector<Place> places) {
  last_round_ = true;
  left_ = std::move(places);
  at_.reset();
  rests_until_.reset();
}

std::string Consumer::unfinished() const { return at_ ? text() + " is not at the end" : std::string(); }

}  // namespace bobbin::sim
