#include "broker/data/fetch_sessions.h"

#include <algorithm>
#include <utility>

#include "broker/named_once.h"

namespace bobbin::broker {

namespace {

using Asked = protocol::FetchRequest;
using Told = protocol::FetchResponse;

constexpr int32_t opens_session = 0, wants_none = -1;  // session epochs
constexpr size_t topic_name_max = 249;                 // a longer one names nothing, and is not remembered

size_t count_of(const Asked& message) {
  size_t count = 0;
  for (const auto& topic : message.topics) count += topic.partitions.size();
  return count;
}

// Each partition once, with what was said of it last.
void name_once(Asked& message) {
  if (count_of(message) < 2) return;
  struct Named {
    size_t topic, partition;
  };
  std::vector<Named> all;
  for (size_t t = 0; t < message.topics.size(); t++)
    for (size_t p = 0; p < message.topics[t].partitions.size(); p++) all.push_back({t, p});
  auto asked = [&](size_t i) -> auto& { return message.topics[all[i].topic].partitions[all[i].partition]; };
  auto key = [&](size_t i) {
    const auto& topic = message.topics[all[i].topic];
    return std::tuple(std::string_view(topic.topic), topic.topic_id, asked(i).partition);
  };
  auto named = named_once(all.size(), key);
  if (named.first.size() == all.size()) return;
  std::vector<Asked::FetchTopic> topics;
  size_t topic = SIZE_MAX;
  for (size_t i = 0; i < named.first.size(); i++) {
    const Named& at = all[named.first[i]];
    if (at.topic != topic) topics.push_back({message.topics[at.topic].topic, message.topics[at.topic].topic_id, {}});
    topic = at.topic;
    topics.back().partitions.push_back(asked(named.last[i]));
  }
  message.topics = std::move(topics);
}

bool may_be_remembered(const Asked& message) {
  return std::all_of(message.topics.begin(), message.topics.end(),
                     [](const auto& topic) { return topic.topic.size() <= topic_name_max; });
}

bool has_records(const Told::PartitionData& data) {
  return (data.records && !data.records->empty()) || data.place.segment >= 0;
}

// Of one that is wrong none, so that it is told anew when it is right again.
int64_t watermark_told(const Told::PartitionData& data) { return data.error_code != 0 ? -1 : data.high_watermark; }

int32_t epoch_after(int32_t epoch) { return epoch == INT32_MAX ? 1 : epoch + 1; }

}  // namespace

Result<FetchSessions::Turn> FetchSessions::ask(Asked& message, bool by_id) {
  if (message.session_epoch == opens_session || message.session_epoch == wants_none) {
    close(message.session_id);
    name_once(message);
    return Turn{message.session_epoch == opens_session ? Turn::Kind::opens : Turn::Kind::none};
  }
  auto found = sessions_.find(message.session_id);
  if (found == sessions_.end()) return error(Errc::fetch_session_id_not_found);
  Session& session = found->second;
  if (session.epoch != message.session_epoch) return error(Errc::invalid_fetch_session_epoch);
  if (session.by_id != by_id) return error(Errc::fetch_session_topic_id_error);
  session.used_ms = world_.clock.mono_ms();
  const bool fits = may_be_remembered(message) && partitions_ + new_ones(session, message) <= limits_.partitions_max;
  if (fits) take_changes(session, message);
  if (!fits || session.partitions.empty()) {
    close(message.session_id);
    message.topics.clear();
    if (!fits) return error(Errc::fetch_session_id_not_found);  // it asks for everything then
    return Turn{};
  }
  session.epoch = epoch_after(session.epoch);
  message.topics.clear();
  for (const Cached& cached : session.partitions) {
    auto& topics = message.topics;
    if (topics.empty() || topics.back().topic != cached.topic || topics.back().topic_id != cached.topic_id)
      topics.push_back({cached.topic, cached.topic_id, {}});
    topics.back().partitions.push_back(cached.asked);
  }
  return Turn{Turn::Kind::goes_on, message.session_id, session.epoch};
}

size_t FetchSessions::new_ones(const Session& session, const Asked& message) {
  size_t count = 0;
  for (const auto& topic : message.topics)
    for (const auto& asked : topic.partitions)
      if (!session.places.contains({topic.topic, topic.topic_id, asked.partition})) count++;
  return count;
}

void FetchSessions::take_changes(Session& session, const Asked& message) {
  for (const auto& topic : message.topics)
    for (const auto& asked : topic.partitions) put(session, {topic.topic, topic.topic_id, asked});
  for (const auto& topic : message.forgotten_topics_data)
    for (int32_t partition : topic.partitions) remove(session, {topic.topic, topic.topic_id, partition});
}

Status FetchSessions::answer(const Turn& turn, const Asked& message, bool by_id, Told& response) {
  if (turn.kind == Turn::Kind::none) return {};
  if (turn.kind == Turn::Kind::opens) {
    open(message, by_id, response);
    return {};
  }
  auto found = sessions_.find(turn.id);
  if (found == sessions_.end() || found->second.epoch != turn.epoch) return error(Errc::invalid_fetch_session_epoch);
  Session& session = found->second;
  response.session_id = turn.id;
  for (auto& topic : response.responses) {
    std::erase_if(topic.partitions, [&](const Told::PartitionData& data) {
      auto place = session.places.find({topic.topic, topic.topic_id, data.partition_index});
      if (place == session.places.end()) return false;
      Cached& cached = *place->second;
      const bool has_news = has_records(data) || data.error_code != 0 || data.diverging_epoch.end_offset >= 0 ||
                            data.high_watermark != cached.high_watermark || data.log_start_offset != cached.log_start;
      cached.high_watermark = watermark_told(data);
      cached.log_start = data.log_start_offset;
      if (has_records(data)) session.partitions.splice(session.partitions.end(), session.partitions, place->second);
      return !has_news;
    });
  }
  std::erase_if(response.responses, [](const auto& topic) { return topic.partitions.empty(); });
  return {};
}

void FetchSessions::open(const Asked& message, bool by_id, Told& response) {
  if (message.topics.empty() || !may_be_remembered(message) || !make_room(count_of(message))) return;
  Session session{.by_id = by_id, .used_ms = world_.clock.mono_ms()};
  for (size_t t = 0; t < message.topics.size(); t++) {
    const auto& topic = message.topics[t];
    for (size_t p = 0; p < topic.partitions.size(); p++) {
      const auto& told = response.responses[t].partitions[p];
      put(session, {topic.topic, topic.topic_id, topic.partitions[p], watermark_told(told), told.log_start_offset});
    }
  }
  int32_t id = 0;
  while (id == 0 || sessions_.contains(id)) id = static_cast<int32_t>(world_.random.next() >> 33);
  response.session_id = id;
  sessions_.emplace(id, std::move(session));
}

void FetchSessions::put(Session& session, Cached cached) {
  const Key key = key_of(cached);
  if (auto known = session.places.find(key); known != session.places.end()) {
    known->second->asked = cached.asked;
    return;
  }
  session.partitions.push_back(std::move(cached));
  session.places.emplace(key, std::prev(session.partitions.end()));
  partitions_++;
}

void FetchSessions::remove(Session& session, const Key& key) {
  auto known = session.places.find(key);
  if (known == session.places.end()) return;
  session.partitions.erase(known->second);
  session.places.erase(known);
  partitions_--;
}

void FetchSessions::close(int32_t id) {
  auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  partitions_ -= found->second.partitions.size();
  sessions_.erase(found);
}

// False: who is here was used not long ago.
bool FetchSessions::make_room(size_t partitions) {
  if (partitions > limits_.partitions_max) return false;
  while (sessions_.size() >= limits_.sessions_max || partitions_ + partitions > limits_.partitions_max) {
    auto oldest = std::min_element(sessions_.begin(), sessions_.end(),
                                   [](const auto& a, const auto& b) { return a.second.used_ms < b.second.used_ms; });
    if (world_.clock.mono_ms() - oldest->second.used_ms < limits_.idle_ms_min) return false;
    close(oldest->first);
  }
  return true;
}

}  // namespace bobbin::broker
