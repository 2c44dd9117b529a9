#include "broker/replication/leader_link.h"

#include <algorithm>

#include "base/mutants.h"
#include "protocol/codec.h"
#include "protocol/frame.h"

namespace bobbin::broker {

namespace {

constexpr int16_t fetch_version = 17;
constexpr int64_t wait_ms_max = 500, waits_a_session = 3;
constexpr int32_t answer_bytes_max = 8 << 20, partition_bytes_max = 1 << 20;

// The metadata is on its way here, or there.
constexpr int64_t soon_ms = 10;
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
  unflushed_.clear();
}

void LeaderLink::hang_up() {
  if (link_) context_.uplinks.close(*link_);
  lost();
}

void LeaderLink::note_ready(const cluster::TopicPartition& id) {
  unflushed_.erase(id);
  later_.erase(id);
  if (!asked_.contains(id)) has_news_ = true;
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
  std::erase_if(unflushed_, [this](const auto& id) { return !context_.replicas.opened().find_following(id); });
  if (unflushed_.empty()) ask();
}

void LeaderLink::ask() {
  has_news_ = false;
  const std::set<cluster::TopicPartition>& followed = context_.replicas.followed().from(leader_);
  if (followed.empty()) return;
  protocol::FetchRequest request;
  request.replica_state = {context_.metadata.self().value, context_.registration.epoch().value};
  request.max_wait_ms = wait_ms_;
  request.min_bytes = 1;
  request.max_bytes = answer_bytes_max;
  std::vector<cluster::TopicPartition> closed;
  for (const cluster::TopicPartition& id : followed) {
    if (context_.replicas.is_closed(id)) closed.push_back(id);
    auto question = later_.contains(id) ? std::nullopt : question_for(id);
    if (!question) continue;
    if (request.topics.empty() || request.topics.back().topic_id != id.topic)
      request.topics.push_back({{}, id.topic, {}});
    request.topics.back().partitions.push_back(*question);
    asked_[id] = {Offset(question->fetch_offset), LeaderEpoch(question->current_leader_epoch)};
  }
  for (const auto& id : closed) put_off(id, much_later_ms);  // unless it is open before
  context_.replicas.open(closed, [] {});
  if (request.topics.empty()) return;
  is_asked_ = true;
  context_.uplinks.send(*link_, protocol::encode_request(++correlation_id_, "bobbin-replica", fetch_version, request));
}

std::optional<protocol::FetchRequest::FetchPartition> LeaderLink::question_for(const cluster::TopicPartition& id) {
  cluster::Following* following = context_.replicas.opened().find_following(id);
  if (!following) return std::nullopt;
  auto at = following->position();
  if (!at) return std::nullopt;
  protocol::FetchRequest::FetchPartition question;
  question.partition = id.partition.value;
  question.current_leader_epoch = following->epoch().value;
  question.fetch_offset = at->from.value;
  question.last_fetched_epoch = at->last_fetched.value;
  question.log_start_offset = following->copy().log_start().value;
  question.partition_max_bytes = partition_bytes_max;
  return question;
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
  if (told.diverging_epoch.end_offset >= 0) {
    auto where = following->cut_for({LeaderEpoch(told.diverging_epoch.epoch), Offset(told.diverging_epoch.end_offset)});
    if (where) return cut(id, *where);
    context_.say("DAMAGED: " + where.error().message);
    return put_off(id, much_later_ms);
  }
  if (Status taken = take_records(*following, told); !taken) {
    if (said_.insert(name_of(*following) + taken.error().message).second)
      context_.say(name_of(*following) + ": not taken from broker " + to_string(leader_) + ": " +
                   taken.error().message);
    put_off(id, much_later_ms);
  }
}

Status LeaderLink::take_records(cluster::Following& following, const Response::PartitionData& told) {
  if (told.records && !told.records->empty()) {
    BOBBIN_TRY(following.take(*told.records));
    unflushed_.insert(following.id());
    context_.durability.followed(following, told.records->size());
  }
  if (!planted(Mutant::keep_what_was_deleted)) following.begin_at(Offset(std::max<int64_t>(told.log_start_offset, 0)));
  following.learn(Offset(told.high_watermark));
  return {};
}

void LeaderLink::refused(const cluster::TopicPartition& id, cluster::Following& following,
                         const Response::PartitionData& told) {
  const Errc code = static_cast<Errc>(told.error_code);
  if (code == Errc::offset_out_of_range && Offset(told.log_start_offset) > following.copy().log_end()) {
    following.begin_at(Offset(told.log_start_offset));
    return following.copy().log_end() > following.copy().log_start() ? cut(id, Offset(0)) : note_ready(id);
  }
  put_off(id, code == Errc::kafka_storage_error || code == Errc::corrupt_message ? much_later_ms : soon_ms);
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
