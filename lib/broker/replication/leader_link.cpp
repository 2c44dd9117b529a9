#include "broker/replication/leader_link.h"

#include <algorithm>

#include "base/mutants.h"
#include "broker/replication/older_metadata.h"
#include "protocol/codec.h"
#include "protocol/frame.h"

namespace bobbin::broker {

namespace {

constexpr int16_t fetch_version = 17;
constexpr int64_t wait_ms_max = 500, waits_a_session = 3;
constexpr int32_t answer_bytes_max = 8 << 20, partition_bytes_max = 1 << 20;
// With more than that an answer has no room for another partition.
constexpr size_t full_bytes = answer_bytes_max - partition_bytes_max;

// The metadata is on its way here, or there: that takes a moment, and is asked about at once and less and less often.
constexpr int64_t soon_ms_min = 1, soon_ms = 10;
// A disk has to be mended, or a person has to look.
constexpr int64_t much_later_ms = 1000;

std::string name_of(const cluster::Following& following) { return log::dir_name(following.copy().name()); }

}  // namespace

bool LeaderLink::connect() {
  link_ = context_.uplinks.connect(leader_);
  is_asked_ = false;
  has_news_ = true;
  return link_.has_value();
}

void LeaderLink::follow(const config::BrokerSettings& settings) {
  wait_ms_ = static_cast<int32_t>(std::min(wait_ms_max, settings.session_timeout_ms / waits_a_session));
}

void LeaderLink::lost() {
  link_.reset();
  is_asked_ = false;
  asked_.clear();
  as_records_.clear();
  unflushed_.clear();
  refused_.clear();
}

void LeaderLink::hang_up() {
  if (link_) context_.uplinks.close(*link_);
  lost();
}

void LeaderLink::note_ready(const cluster::TopicPartition& id) {
  unflushed_.erase(id);
  later_.erase(id);
  const auto asked = asked_.find(id);
  const cluster::Copy* copy = context_.replicas.opened().find_copy(id);
  if (asked == asked_.end() || (!asked->second.start_is_kept && copy && is_start_kept(*copy))) has_news_ = true;
}

void LeaderLink::run() {
  if (!link_) return;
  const int64_t now = context_.world.clock.mono_ms();
  for (auto it = later_.begin(); it != later_.end();) {
    if (it->second > now) {
      ++it;
      continue;
    }
    has_news_ = true;
    it = later_.erase(it);
  }
  if (is_asked_) {
    if (!has_news_) return;
    hang_up();
    if (!connect()) return;
  }
  // Those that have another leader by now, or none, are told of elsewhere.
  const auto& followed = context_.replicas.followed().from(leader_);
  std::erase_if(unflushed_, [&](const auto& id) {
    return !followed.contains(id) || !context_.replicas.opened().find_following(id);
  });
  if (unflushed_.empty()) ask();
}

void LeaderLink::ask() {
  has_news_ = false;
  protocol::FetchRequest request;
  request.replica_state = {context_.metadata.self().value, context_.registration.epoch().value};
  request.max_wait_ms = wait_ms_;
  request.min_bytes = 1;
  request.max_bytes = answer_bytes_max;
  std::vector<cluster::TopicPartition> closed;
  for (const cluster::TopicPartition& id : in_turn()) {
    if (context_.replicas.is_closed(id)) closed.push_back(id);
    auto question = later_.contains(id) ? std::nullopt : question_for(id);
    if (!question) continue;
    if (request.topics.empty() || request.topics.back().topic_id != id.topic)
      request.topics.push_back({{}, id.topic, {}});
    request.topics.back().partitions.push_back(*question);
    asked_[id] = {Offset(question->fetch_offset), LeaderEpoch(question->current_leader_epoch),
                  question->kept_start == offset_none.value};
  }
  for (const auto& id : closed) put_off(id, much_later_ms);  // unless it is open before
  context_.replicas.open(closed, [] {});
  if (!request.topics.empty()) send(request);
}

void LeaderLink::send(const protocol::FetchRequest& request) {
  is_asked_ = true;
  context_.uplinks.send(*link_, protocol::encode_request(++correlation_id_, "bobbin-replica", fetch_version, request));
}

void LeaderLink::probe() {
  if (link_ && !is_asked_) send({});
}

// What found no room in the last answer is the first in the next one.
std::vector<cluster::TopicPartition> LeaderLink::in_turn() const {
  const std::set<cluster::TopicPartition>& followed = context_.replicas.followed().from(leader_);
  const auto first = after_ ? followed.upper_bound(*after_) : followed.begin();
  std::vector<cluster::TopicPartition> all(first, followed.end());
  all.insert(all.end(), followed.begin(), first);
  return all;
}

std::optional<protocol::FetchRequest::FetchPartition> LeaderLink::question_for(const cluster::TopicPartition& id) {
  cluster::Following* following = context_.replicas.opened().find_following(id);
  if (!following) return std::nullopt;
  if (is_older_metadata(*following)) {
    ask_for_reign_above(context_.transactions, *following, context_.say);
    put_off(id, soon_ms);
    return std::nullopt;
  }
  auto at = following->position();
  if (!at) return std::nullopt;
  const int64_t wait_ms = throttle_.wait_ms(context_.world.clock.mono_ms());
  if (wait_ms > 0 && is_throttled(id)) {
    put_off(id, std::min(wait_ms, much_later_ms));  // the rate may be another by then
    return std::nullopt;
  }
  protocol::FetchRequest::FetchPartition question;
  question.partition = id.partition.value;
  question.current_leader_epoch = following->epoch().value;
  question.fetch_offset = at->from.value;
  question.last_fetched_epoch = at->last_fetched.value;
  tell_start(following->copy(), question);
  question.partition_max_bytes = static_cast<int32_t>(bytes_at_once(id));
  question.read_in_place = as_records_.erase(id) == 0;
  return question;
}

void LeaderLink::tell_start(const cluster::Copy& copy, protocol::FetchRequest::FetchPartition& question) {
  question.log_start_offset = copy.log_start().value;
  if (is_start_kept(copy)) return;
  question.kept_start = kept_start(copy).value;
  context_.durability.keep_start(copy.id());
}

void LeaderLink::on_answer(Bytes frame) {
  auto correlation = protocol::decode_response_header(protocol::ApiKey::fetch, fetch_version, frame);
  auto response =
      correlation ? protocol::decode<Response>(frame, fetch_version) : Result<Response>(correlation.error());
  if (!response || *correlation != correlation_id_ || !is_asked_) {
    context_.say("broker " + to_string(leader_) + " answers what is no answer" +
                 (response ? "" : ": " + response.error().message));
    return hang_up();
  }
  is_asked_ = false;
  taken_bytes_ = 0;
  for (const auto& topic : response->responses)
    for (const auto& told : topic.partitions) take(topic.topic_id, told);
  asked_.clear();
}

// R3: what was asked in another reign, or from where the log does not end any more, is not taken.
void LeaderLink::take(const TopicId& topic, const Response::PartitionData& told) {
  const cluster::TopicPartition id{topic, PartitionId(told.partition_index)};
  auto asked = asked_.find(id);
  cluster::Following* following = context_.replicas.opened().find_following(id);
  if (asked == asked_.end() || !following) return;
  if (following->epoch() != asked->second.epoch && !planted(Mutant::take_from_old_reigns)) return;
  auto at = following->position();
  if (!at || at->from != asked->second.from) return;
  if (told.error_code != 0) return refused(id, *following, told);
  refused_.erase(id);
  if (told.diverging_epoch.end_offset >= 0) {
    auto where = following->cut_for({LeaderEpoch(told.diverging_epoch.epoch), Offset(told.diverging_epoch.end_offset)});
    if (where) return cut(id, *where);
    return parts_below_committed(id, where.error());
  }
  if (Status taken = take_records(*following, told); !taken) {
    if (std::exchange(said_[id], taken.error().message) != taken.error().message)
      context_.say(name_of(*following) + ": not taken from broker " + to_string(leader_) + ": " +
                   taken.error().message);
    // Those the leader looks at itself before it sends them, and sees what is wrong with its copy.
    as_records_.insert(id);
    put_off(id, much_later_ms);
  } else {
    said_.erase(id);
  }
}

// After an election that cost records those of the new leader count: the copy is put aside as a whole.
void LeaderLink::parts_below_committed(const cluster::TopicPartition& id, const Error& why) {
  const metadata::Partition* p = metadata::find_partition(context_.metadata.image(), id.topic, id.partition);
  if (p && p->recovering && context_.replicas.begin_anew(id)) return;
  context_.say("DAMAGED: " + why.message);
  put_off(id, much_later_ms);
}

Status LeaderLink::take_records(cluster::Following& following, const Response::PartitionData& told) {
  const auto records = records_of(following, told);
  if (!records) as_records_.insert(following.id());
  if (records && !records->empty()) {
    BOBBIN_TRY(following.take(*records));
    unflushed_.insert(following.id());
    context_.durability.followed(following, records->size());
    if (is_throttled(following.id())) throttle_.took(records->size(), context_.world.clock.mono_ms());
    taken_bytes_ += records->size();
    if (taken_bytes_ > full_bytes) after_ = following.id();
  }
  if (!planted(Mutant::keep_what_was_deleted)) following.begin_at(Offset(std::max<int64_t>(told.log_start_offset, 0)));
  following.learn(Offset(told.high_watermark));
  context_.durability.keep_start(following.id());
  return {};
}

// Those in the answer, or at the place that it tells.
Result<Bytes> LeaderLink::records_of(const cluster::Following& following, const Response::PartitionData& told) {
  const auto& place = told.place;
  if (place.segment < 0) return told.records.value_or(Bytes());
  if (taken_bytes_ > full_bytes) return Bytes();
  if (place.position < 0 || place.end <= place.position) return error(Errc::malformed, "no such place");
  return files_.read(bytes_at_once(following.id()),
                     {following.copy().name(), Offset(place.segment), static_cast<uint64_t>(place.position),
                      static_cast<uint64_t>(place.end), asked_.at(following.id()).from, LeaderEpoch(told.place_epoch),
                      following.epoch()});
}

void LeaderLink::refused(const cluster::TopicPartition& id, cluster::Following& following,
                         const Response::PartitionData& told) {
  const Errc code = static_cast<Errc>(told.error_code);
  if (code == Errc::offset_out_of_range && Offset(told.log_start_offset) > following.copy().log_end()) {
    following.begin_at(Offset(told.log_start_offset));
    return following.copy().log_end() > following.copy().log_start() ? cut(id, Offset(0)) : note_ready(id);
  }
  if (code == Errc::kafka_storage_error || code == Errc::corrupt_message) return put_off(id, much_later_ms);
  int64_t& pause_ms = refused_.try_emplace(id, 0).first->second;
  pause_ms = std::clamp(pause_ms * 2, soon_ms_min, soon_ms);
  put_off(id, pause_ms);
}

bool LeaderLink::is_throttled(const cluster::TopicPartition& id) const {
  if (!throttle_.is_on()) return false;
  const metadata::Partition* p = metadata::find_partition(context_.metadata.image(), id.topic, id.partition);
  const cluster::Copy* copy = context_.replicas.opened().find_copy(id);
  const BrokerId self = context_.metadata.self();
  return p && copy && broker::is_throttled(*p, id.partition, self, self, copy->settings().follower_throttled);
}

size_t LeaderLink::bytes_at_once(const cluster::TopicPartition& id) const {
  return is_throttled(id) ? throttle_.bytes_at_once(partition_bytes_max) : partition_bytes_max;
}

void LeaderLink::put_off(const cluster::TopicPartition& id, int64_t ms) {
  later_[id] = context_.world.clock.mono_ms() + ms;
}

void LeaderLink::cut(const cluster::TopicPartition& id, Offset at) {
  const bool may = context_.durability.is_at_rest(id);
  if (may) return context_.replicas.cut(id, at);
  context_.durability.flush(id);
  put_off(id, soon_ms);  // the next answer says it again
}

std::optional<int64_t> LeaderLink::next_deadline_ms() const {
  if (!link_) return std::nullopt;
  std::optional<int64_t> next;
  for (const auto& [id, at] : later_) next = std::min(next.value_or(at), at);
  if (has_news_ && unflushed_.empty()) return 0;
  return next;
}

}  // namespace bobbin::broker
