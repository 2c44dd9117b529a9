#include "client/consumer/consumer.h"

#include <algorithm>
#include <set>

#include "client/admin/offsets.h"
#include "client/admin/sentences.h"
#include "client/consumer/range.h"
#include "client/patience.h"
#include "client/session.h"

namespace bobbin::client {

namespace {

constexpr int64_t look_for_missing_ms = 100;  // a topic that is awaited
constexpr int64_t look_for_growth_ms = 5000;  // partitions that were added

Error no_topic(const std::string& topic) {
  return error(Errc::unknown_topic_or_partition,
               "there is no topic " + topic + " (`bobbin topic list` names those that there are)");
}

}  // namespace

Consumer::Consumer(Session& session, const ConsumerOptions& options)
    : session_(session), options_(options), readers_(session, options) {}

// --- opening ---

Result<std::unique_ptr<Consumer>> Consumer::open(Session& session, const ConsumerOptions& options) {
  std::unique_ptr<Consumer> consumer(new Consumer(session, options));
  BOBBIN_TRY(consumer->begin());
  return consumer;
}

Status Consumer::begin() {
  std::vector<std::string> names;
  for (const auto& subscription : options_.topics) names.push_back(subscription.topic);
  int64_t give_up_at = session_.now_ms() + options_.timeout_ms;
  for (;;) {
    BOBBIN_TRY(session_.fetch_metadata(names));
    bool settled = std::all_of(names.begin(), names.end(), [this](const std::string& n) {
      const TopicView* view = session_.topology().topic(n);
      return view && (!view->partitions.empty() || !is_retriable(view->error) ||
                      view->error == Errc::unknown_topic_or_partition);
    });
    if (settled || session_.now_ms() >= give_up_at) break;
    BOBBIN_TRY(session_.wait({}, retry_pause_ms));
  }
  topology_seen_ = session_.topology_version();
  return adopt_topics(true);
}

bool Consumer::is_missing(const Subscription& subscription) const { return !readers_.has_topic(subscription.topic); }

Status Consumer::adopt_topics(bool at_start) {
  for (const auto& subscription : options_.topics) BOBBIN_TRY(adopt_topic(subscription, at_start));
  return {};
}

// Topics and partitions that appear later are read from their beginning: nothing in them is older than this command.
Status Consumer::adopt_topic(const Subscription& subscription, bool at_start) {
  const TopicView* view = session_.topology().topic(subscription.topic);
  bool there = view && view->error != Errc::unknown_topic_or_partition && !view->partitions.empty();
  if (view && view->error != Errc::none && !is_retriable(view->error))
    return kafka_error(static_cast<int16_t>(view->error), std::nullopt, "topic " + subscription.topic);
  if (!there) return !at_start || options_.wait_for_topics ? Status() : no_topic(subscription.topic);
  if (!at_start && options_.stop.kind != Stop::Kind::never) return {};

  std::vector<PartitionId> wanted = subscription.partitions;
  if (wanted.empty())
    for (size_t i = 0; i < view->partitions.size(); i++) wanted.emplace_back(static_cast<int32_t>(i));
  std::vector<PartitionReader*> added;
  for (PartitionId p : wanted) {
    if (p.value < 0 || static_cast<size_t>(p.value) >= view->partitions.size())
      return error(Errc::unknown_topic_or_partition, "topic " + subscription.topic + " has no partition " +
                                                         to_string(p) + ", only 0 to " +
                                                         std::to_string(view->partitions.size() - 1));
    BOBBIN_TRY_ASSIGN(reader, readers_.add(subscription.topic, view->id, p));
    if (!reader) continue;
    reader->from_beginning = !at_start || options_.start.kind == Start::Kind::beginning;
    added.push_back(reader);
  }
  return at_start ? position(subscription, added) : Status();
}

Status Consumer::position(const Subscription& subscription, const std::vector<PartitionReader*>& readers) {
  if (readers.empty()) return {};
  const std::string& topic = subscription.topic;
  std::vector<PartitionId> ids;
  for (auto* r : readers) ids.push_back(r->partition());
  auto find = [&](At query) { return offsets_alone(list_offsets(session_, topic, query, ids)); };
  BOBBIN_TRY_ASSIGN(firsts, find(At::earliest()));
  // Whoever reads all there is, and goes on, need not know where it ends, which may not be known now.
  const bool reads_on = options_.start.kind == Start::Kind::beginning && options_.stop.kind == Stop::Kind::never &&
                        subscription.starts.empty();
  auto ends = reads_on ? Result(firsts) : find(At::latest());
  if (!ends) return std::move(ends).error();
  std::vector<Offset> start_times, stop_times;
  if (options_.start.kind == Start::Kind::time) {
    BOBBIN_TRY_ASSIGN(found, find(at_time(Timestamp(options_.start.value))));
    start_times = found;
  }
  if (options_.stop.kind == Stop::Kind::time) {
    BOBBIN_TRY_ASSIGN(found, find(at_time(Timestamp(options_.stop.value))));
    stop_times = found;
  }
  for (size_t i = 0; i < readers.size(); i++) {
    LogTold log{firsts[i], (*ends)[i]};
    if (!start_times.empty()) log.start_time = start_times[i];
    if (!stop_times.empty()) log.stop_time = stop_times[i];
    std::optional<Offset> own_start;
    if (auto it = subscription.starts.find(ids[i]); it != subscription.starts.end()) own_start = it->second;
    BOBBIN_TRY_ASSIGN(
        range, range_of(options_.start, options_.stop, options_.out_of_range, log, own_start, readers[i]->name()));
    if (own_start) readers[i]->from_beginning = false;
    readers[i]->seek(range.start);
    const auto own_stop = subscription.stops.find(ids[i]);
    readers[i]->set_stop(own_stop == subscription.stops.end() ? range.stop : own_stop->second);
    readers[i]->high_watermark = log.end;
  }
  return {};
}

// --- reading ---

Status Consumer::poll(Sink& sink, std::span<os::WaitFd> also, int64_t wait_ms) {
  if (is_done()) return {};
  Status status = step(sink, also, wait_ms);
  if (!status && !broken_) broken_ = status.error();
  return status;
}

Status Consumer::step(Sink& sink, std::span<os::WaitFd> also, int64_t wait_ms) {
  if (broken_) return *broken_;
  BOBBIN_TRY(watch());
  int64_t most = std::max<int64_t>(look_again_at_ - session_.now_ms(), 0);
  return readers_.poll(sink, also, wait_ms < 0 ? most : std::min(wait_ms, most));
}

Status Consumer::watch() {
  bool missing =
      std::any_of(options_.topics.begin(), options_.topics.end(), [this](const auto& s) { return is_missing(s); });
  int64_t now = session_.now_ms();
  if (now >= look_again_at_) {
    if (look_again_at_ != 0 && options_.stop.kind == Stop::Kind::never && (missing || may_have_new_metadata()))
      session_.refresh_metadata();
    look_again_at_ = now + (missing ? look_for_missing_ms : look_for_growth_ms);
  }
  if (topology_seen_ == session_.topology_version()) return {};
  topology_seen_ = session_.topology_version();
  BOBBIN_TRY(readers_.check_topics());
  return adopt_topics(false);
}

// A leader of this machine shows how far it has read the metadata log; others would have to be asked to know.
bool Consumer::may_have_new_metadata() {
  const region::RegionView* region = nullptr;
  for (const auto& reader : readers_.all())
    if (reader->tail()) region = reader->tail()->region.get();
  std::optional<Offset> now;
  if (region) now = region->metadata_end();
  bool same = now && now == metadata_seen_;
  metadata_seen_ = now;
  // Whoever was asked may not have read as far yet as the one that showed it: the next time it has.
  return std::exchange(metadata_is_new_, !same) || !same;
}

// --- what is known ---

bool Consumer::is_done() const {
  return readers_.is_done() &&
         std::none_of(options_.topics.begin(), options_.topics.end(), [this](const auto& s) { return is_missing(s); });
}

bool Consumer::is_at_end() const {
  return std::all_of(readers_.all().begin(), readers_.all().end(), [](const auto& r) {
    return r->is_done() || (r->high_watermark != offset_none && r->next() >= r->high_watermark);
  });
}

std::vector<Position> Consumer::positions() const {
  std::vector<Position> all;
  for (const auto& r : readers_.all())
    all.push_back({r->topic(), r->partition(), r->next(), r->stop(), r->high_watermark});
  return all;
}

int Consumer::pollers() const {
  std::set<BrokerId> leaders;
  uint64_t clients = 1;
  for (const auto& reader : readers_.all()) {
    const auto& tail = reader->tail();
    if (!tail) continue;
    leaders.insert(tail->leader);
    clients = std::max(clients, tail->region->busy_clients());
  }
  return static_cast<int>(leaders.size() + clients);
}

std::string Consumer::awaited() const {
  for (const auto& subscription : options_.topics)
    if (is_missing(subscription)) return "topic " + subscription.topic + ", which is not there yet";
  if (!readers_.is_blocked()) return {};
  std::string what = session_.awaited();
  return what.empty() ? "a leader" : what;
}

}  // namespace bobbin::client
