#include "client/consumer/consumer.h"

#include <algorithm>

#include "base/text.h"
#include "client/admin/offsets.h"
#include "client/admin/sentences.h"
#include "client/consumer/partition_reader.h"
#include "client/consumer/range.h"
#include "client/patience.h"
#include "client/request.h"
#include "client/session.h"
#include "home/cluster_dir.h"
#include "log/checkpoints.h"
#include "protocol/messages/fetch.h"

namespace bobbin::client {

using protocol::FetchRequest;
using protocol::FetchResponse;

namespace {

constexpr int64_t look_for_missing_ms = 100;        // a topic that is awaited
constexpr int64_t look_for_growth_ms = 5000;        // partitions that were added
constexpr size_t partitions_max = 100'000;          // that are read at once
constexpr size_t held_bytes_max = 64 << 20;         // of answers; with more, nothing is asked until some were read
constexpr int32_t answer_overhead_bytes = 1 << 20;  // besides the records: names, of which there may be many

Error no_topic(const std::string& topic) {
  return error(Errc::unknown_topic_or_partition,
               "there is no topic " + topic + " (`bobbin topic list` names those that there are)");
}

}  // namespace

struct Consumer::Asked {
  PartitionReader* reader;
  Offset from;
  bool in_place;
};

struct Consumer::Fetching {
  BrokerId node;
  std::vector<Asked> asked;
};

Consumer::Consumer(Session& session, const ConsumerOptions& options)
    : session_(session), options_(options), self_(std::make_shared<Consumer*>(this)) {}

Consumer::~Consumer() { *self_ = nullptr; }

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

bool Consumer::is_missing(const Subscription& subscription) const { return !topics_.contains(subscription.topic); }

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
    if (!read_.emplace(subscription.topic, p).second) continue;
    if (readers_.size() == partitions_max)
      return error(Errc::usage, "more than " + std::to_string(partitions_max) +
                                    " partitions cannot be read at once; name fewer topics");
    readers_.push_back(std::make_unique<PartitionReader>(subscription.topic, p, options_.batch_bytes_max, batch_));
    readers_.back()->from_beginning = !at_start || options_.start.kind == Start::Kind::beginning;
    added.push_back(readers_.back().get());
  }
  topics_.try_emplace(subscription.topic, subscription.topic, view->id);
  return at_start ? position(subscription, added) : Status();
}

namespace {

// Offsets of some partitions of a topic, in their order. The first failure is the failure of all.
Result<std::vector<Offset>> find_offsets(Session& session, const std::string& topic, OffsetQuery query,
                                         const std::vector<PartitionId>& partitions) {
  std::vector<Offset> offsets;
  BOBBIN_TRY_ASSIGN(found, list_offsets(session, topic, query, partitions));
  for (auto& f : found) {
    BOBBIN_TRY(std::move(f.status));
    offsets.push_back(f.offset);
  }
  return offsets;
}

}  // namespace

Status Consumer::position(const Subscription& subscription, const std::vector<PartitionReader*>& readers) {
  if (readers.empty()) return {};
  const std::string& topic = subscription.topic;
  std::vector<PartitionId> ids;
  for (auto* r : readers) ids.push_back(r->partition());
  auto find = [&](OffsetQuery query) { return find_offsets(session_, topic, query, ids); };
  BOBBIN_TRY_ASSIGN(firsts, find({OffsetQuery::Kind::earliest}));
  BOBBIN_TRY_ASSIGN(ends, find({OffsetQuery::Kind::latest}));
  std::vector<Offset> start_times, stop_times;
  if (options_.start.kind == Start::Kind::time) {
    BOBBIN_TRY_ASSIGN(found, find({OffsetQuery::Kind::time, options_.start.value}));
    start_times = found;
  }
  if (options_.stop.kind == Stop::Kind::time) {
    BOBBIN_TRY_ASSIGN(found, find({OffsetQuery::Kind::time, options_.stop.value}));
    stop_times = found;
  }
  for (size_t i = 0; i < readers.size(); i++) {
    LogTold log{firsts[i], ends[i]};
    if (!start_times.empty()) log.start_time = start_times[i];
    if (!stop_times.empty()) log.stop_time = stop_times[i];
    std::optional<Offset> own_start;
    if (auto it = subscription.starts.find(ids[i]); it != subscription.starts.end()) own_start = it->second;
    BOBBIN_TRY_ASSIGN(
        range, range_of(options_.start, options_.stop, options_.out_of_range, log, own_start, readers[i]->name()));
    if (own_start) readers[i]->from_beginning = false;
    readers[i]->seek(range.start);
    readers[i]->set_stop(range.stop);
    readers[i]->high_watermark = log.end;
  }
  return {};
}

// --- fetching ---

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
  for (auto& [name, topic] : topics_) BOBBIN_TRY(topic.check(session_));
  return adopt_topics(false);
}

// True: something was asked.
Result<bool> Consumer::fetch() {
  int64_t now = session_.now_ms();
  std::map<BrokerId, std::vector<PartitionReader*>> by_leader;
  std::set<BrokerId> full;
  blocked_ = false;
  for (size_t i = 0; i < readers_.size(); i++) {
    PartitionReader& reader = *readers_[(first_ + i) % readers_.size()];
    if (reader.is_fetched() || reader.out_of_range) continue;
    const PartitionView* view = session_.topology().partition(reader.topic(), reader.partition());
    BrokerId leader = view ? view->leader : broker_none;
    if (!reader.has_room() || *held_bytes_ >= held_bytes_max) {
      full.insert(leader);
      continue;
    }
    if (in_place_.take_shown(reader, topics_.at(reader.topic()).id(), leader)) continue;
    // What is here is handed over first: the leader shows whether there is more by then.
    if (reader.has_records() && reader.tail()) continue;
    if (now < reader.not_before || (leader != broker_none && fetching_.contains(leader))) continue;
    if (leader != broker_none && session_.is_ready(leader)) {
      by_leader[leader].push_back(&reader);
      continue;
    }
    blocked_ = true;
    if (reader.wanted_since == 0) reader.wanted_since = now;
    if (leader == broker_none || now - reader.wanted_since >= leader_grace_ms)
      BOBBIN_TRY(session_.need(reader.topic(), reader.partition()));
  }
  bool asked = false;
  for (auto& [leader, readers] : by_leader) {
    for (auto* reader : readers)
      if (reader->wanted_since == 0) reader->wanted_since = now;
    // A broker that has nothing new for some would hold its answer, and those that have no room yet would wait for it.
    fetch_from(leader, readers, full.contains(leader) ? 0 : options_.fetch_wait_ms);
    asked = true;
  }
  return asked;
}

void Consumer::fetch_from(BrokerId node, const std::vector<PartitionReader*>& readers, int32_t wait_ms) {
  Fetching fetching{node, {}};
  FetchRequest request;
  request.max_wait_ms = wait_ms;
  request.min_bytes = 1;
  request.max_bytes = options_.fetch_bytes_max;
  request.busy = session_.target().busy && session_.is_local();
  bool ids_known = true;
  for (auto* reader : readers) {
    if (request.topics.empty() || request.topics.back().topic != reader->topic()) {
      auto& topic = request.topics.emplace_back();
      topic.topic = reader->topic();
      topic.topic_id = topics_.at(reader->topic()).id();
      ids_known = ids_known && !topic.topic_id.is_zero();
    }
    const PartitionView* view = session_.topology().partition(reader->topic(), reader->partition());
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition = reader->partition().value;
    partition.current_leader_epoch = view->leader_epoch.value;
    partition.fetch_offset = reader->fetch_offset().value;
    partition.partition_max_bytes = reader->fetch_bytes(options_.partition_bytes_max);
    partition.read_in_place = options_.read_in_place && session_.is_local() && reader->wants_place();
    request.max_bytes = std::max(request.max_bytes, partition.partition_max_bytes);
    fetching.asked.push_back({reader, reader->fetch_offset(), partition.read_in_place});
  }
  Call call;
  call.node = node;
  call.api_key = static_cast<int16_t>(protocol::ApiKey::fetch);
  call.version_min = FetchRequest::versions.first;
  call.version_max = ids_known ? FetchRequest::versions.last : FetchRequest::last_with_names;
  call.timeout_ms = options_.timeout_ms + options_.fetch_wait_ms;
  // A broker sends a batch that is larger than what was asked for rather than none.
  call.answer_bytes_max = static_cast<int32_t>(std::min<size_t>(
      INT32_MAX, static_cast<size_t>(request.max_bytes) + options_.batch_bytes_max + answer_overhead_bytes));
  call.encode = [this, &request](int32_t correlation, int16_t version) {
    return protocol::encode_request(correlation, session_.target().client_id, version, request);
  };
  call.done = [self = self_, fetching = std::move(fetching)](Result<RawAnswer> raw) {
    if (*self) (*self)->take_answer(fetching, std::move(raw));
  };
  fetching_.insert(node);
  session_.send(std::move(call));
}

namespace {

// Versions with ids name topics by id only.
struct AnswerKey {
  std::string topic;
  TopicId id;
  int32_t partition = 0;
  auto operator<=>(const AnswerKey&) const = default;
};

}  // namespace

void Consumer::take_answer(const Fetching& fetching, Result<RawAnswer> raw) {
  fetching_.erase(fetching.node);
  int64_t retry_at = session_.now_ms() + retry_pause_ms;
  auto answer = decode_answer<FetchResponse>(std::move(raw));
  if (!answer || answer->body.error_code != 0) {
    Errc code = answer ? errc_from_wire(answer->body.error_code) : answer.error().code;
    session_.refresh_metadata();
    for (const auto& asked : fetching.asked) asked.reader->not_before = retry_at;
    bool passes = code == Errc::disconnected || code == Errc::no_answer || is_retriable(code);
    if (!passes && !broken_)
      broken_ = answer ? kafka_error(answer->body.error_code, std::nullopt, "reading") : answer.error();
    return;
  }
  bool by_id = answer->raw.version > FetchRequest::last_with_names;
  std::map<AnswerKey, const FetchResponse::PartitionData*> found;
  for (const auto& topic : answer->body.responses)
    for (const auto& p : topic.partitions)
      found[{by_id ? "" : topic.topic, by_id ? topic.topic_id : TopicId{}, p.partition_index}] = &p;
  std::shared_ptr<const std::string> frame = hold(std::move(answer->raw.frame));
  for (const auto& asked : fetching.asked) {
    PartitionReader* reader = asked.reader;
    // It went back meanwhile, and this would leave a gap.
    if (reader->fetch_offset() != asked.from) continue;
    AnswerKey key{by_id ? "" : reader->topic(), by_id ? topics_.at(reader->topic()).id() : TopicId{},
                  reader->partition().value};
    auto it = found.find(key);
    auto code = it == found.end() ? Errc::network_exception : errc_from_wire(it->second->error_code);
    if (code == Errc::none) take_partition(asked, fetching.node, *it->second, frame);
    else refused(*reader, code, it == found.end() ? std::nullopt : it->second->damage);
  }
}

std::shared_ptr<const std::string> Consumer::hold(std::unique_ptr<std::string> frame) {
  *held_bytes_ += frame->capacity();
  return {frame.release(), [held = held_bytes_](const std::string* gone) {
            *held -= gone->capacity();
            delete gone;
          }};
}

// A leader that tells of records and sends none, or no whole batch, or those from before again and again, is waited for as
// long as one that says nothing.
void Consumer::take_partition(const Asked& asked, BrokerId leader, const FetchResponse::PartitionData& data,
                              std::shared_ptr<const std::string> frame) {
  PartitionReader& reader = *asked.reader;
  reader.high_watermark = Offset(data.high_watermark);
  bool tells_of_more = reader.high_watermark > asked.from || (data.records && !data.records->empty());
  take_records(asked, leader, data, std::move(frame));
  reader.is_owed = tells_of_more && reader.fetch_offset() <= asked.from && !reader.is_fetched();
  if (!reader.is_owed) reader.wanted_since = 0;
  else reader.not_before = std::max(reader.not_before, session_.now_ms() + retry_pause_ms);
}

void Consumer::refused(PartitionReader& reader, Errc code, const std::optional<std::string>& damage) {
  reader.not_before = session_.now_ms() + retry_pause_ms;
  reader.is_owed = false;
  if (code == Errc::offset_out_of_range) reader.out_of_range = true;
  else if (code == Errc::corrupt_message)  // Kafka lets clients ask again; the bytes on that disk stay what they are
    reader.fail(
        error(Errc::damaged, reader.name() + ": the records from offset " + to_string(reader.fetch_offset()) +
                                 " on are damaged on the broker's disk" +
                                 (damage ? " (" + escaped_for_line(*damage) + ")" : "") +
                                 "; `bobbin broker logs` names the file and the first good offset, -o goes on there"));
  else if (is_retriable(code) || refreshes_metadata(code) || code == Errc::unknown_topic_id ||
           code == Errc::inconsistent_topic_id)
    session_.refresh_metadata();
  else reader.fail(kafka_error(static_cast<int16_t>(code), std::nullopt, reader.name()));
}

void Consumer::take_records(const Asked& asked, BrokerId leader, const FetchResponse::PartitionData& data,
                            std::shared_ptr<const std::string> frame) {
  PartitionReader& reader = *asked.reader;
  const TopicId id = topics_.at(reader.topic()).id();
  if (data.place.segment < 0 || !asked.in_place) reader.take(std::move(frame), data.records.value_or(Bytes{}));
  else if (!in_place_.take(reader, id, leader, data.place)) return;
  in_place_.take_tail(reader, leader, data.tail);
}

// A leader of this machine shows how far it has read the metadata log; others would have to be asked to know.
bool Consumer::may_have_new_metadata() {
  const region::RegionView* region = nullptr;
  for (const auto& reader : readers_)
    if (reader->tail()) region = reader->tail()->region.get();
  std::optional<Offset> now;
  if (region) now = region->metadata_end();
  bool same = now && now == metadata_seen_;
  metadata_seen_ = now;
  // Whoever was asked may not have read as far yet as the one that showed it: the next time it has.
  return std::exchange(metadata_is_new_, !same) || !same;
}

// --- what goes wrong ---

Status Consumer::reset_positions() {
  for (auto& reader : readers_) {
    if (!reader->out_of_range || reader->has_records()) continue;
    BOBBIN_TRY_ASSIGN(first,
                      find_offsets(session_, reader->topic(), {OffsetQuery::Kind::earliest}, {reader->partition()}));
    BOBBIN_TRY_ASSIGN(end, find_offsets(session_, reader->topic(), {OffsetQuery::Kind::latest}, {reader->partition()}));
    // A leader whose high watermark is late after its start says so for a moment.
    if (reader->fetch_offset() >= first[0] && reader->fetch_offset() <= end[0]) {
      reader->out_of_range = false;
      continue;
    }
    if (!reader->from_beginning && options_.out_of_range == OutOfRange::fail)
      return is_out_of_range(reader->name(), reader->fetch_offset(), first[0], end[0]);
    reader->seek(!reader->from_beginning && options_.out_of_range == OutOfRange::end ? end[0] : first[0]);
  }
  return {};
}

Status Consumer::check_patience() {
  int64_t now = session_.now_ms();
  for (const auto& reader : readers_) {
    if (reader->has_records()) reader->fed_at = now;
    if (reader->wanted_since == 0 || reader->is_fetched() || now - reader->waiting_since() <= options_.timeout_ms)
      continue;
    std::string patience = std::to_string(options_.timeout_ms) + " ms";
    if (reader->is_owed)
      return error(Errc::no_answer, reader->name() + ": its leader tells of records up to offset " +
                                        to_string(reader->high_watermark) + " and has sent none from " +
                                        to_string(reader->fetch_offset()) + " on for " + patience);
    return error(Errc::no_answer, reader->name() + ": no answer from its leader for " + patience +
                                      "; `bobbin broker status` tells what runs");
  }
  return {};
}

// --- handing over ---

Status Consumer::deliver(Sink& sink) {
  bool paused = false;
  size_t count = readers_.size();
  for (size_t i = 0; i < count && !paused; i++) {
    BOBBIN_TRY(readers_[(first_ + i) % count]->deliver(sink, paused));
    // The one that was interrupted goes on first.
    if (paused) first_ = (first_ + i) % count;
  }
  if (!paused && count > 0) first_ = (first_ + 1) % count;
  return {};
}

Status Consumer::prepare() {
  if (broken_) return *broken_;
  BOBBIN_TRY(watch());
  BOBBIN_TRY(reset_positions());
  return {};
}

Status Consumer::step(Sink& sink, std::span<os::WaitFd> also, int64_t wait_ms) {
  BOBBIN_TRY(prepare());
  BOBBIN_TRY(fetch());
  bool waiting = std::any_of(readers_.begin(), readers_.end(), [](const auto& r) { return r->has_records(); });
  BOBBIN_TRY(session_.wait(also, waiting ? 0 : poll_ms(wait_ms), [this] {
    return std::any_of(readers_.begin(), readers_.end(),
                       [this](const auto& r) { return in_place_.is_shown_more(*r, topics_.at(r->topic()).id()); });
  }));
  BOBBIN_TRY(prepare());
  // The next question leaves before these answers are read.
  BOBBIN_TRY_ASSIGN(asked, fetch());
  if (asked) session_.flush();
  BOBBIN_TRY(deliver(sink));
  return check_patience();
}

Status Consumer::poll(Sink& sink, std::span<os::WaitFd> also, int64_t wait_ms) {
  if (is_done()) return {};
  Status status = step(sink, also, wait_ms);
  if (!status && !broken_) broken_ = status.error();
  return status;
}

int64_t Consumer::poll_ms(int64_t wait_ms) const {
  int64_t now = session_.now_ms();
  int64_t first = look_again_at_;
  if (blocked_) first = std::min(first, now + leader_grace_ms);
  for (const auto& reader : readers_) {
    if (reader->is_fetched()) continue;
    if (reader->not_before > now) first = std::min(first, reader->not_before);
    if (reader->wanted_since != 0) first = std::min(first, reader->waiting_since() + options_.timeout_ms + 1);
  }
  int64_t most = std::max<int64_t>(first - now, 0);
  return wait_ms < 0 ? most : std::min(wait_ms, most);
}

bool Consumer::is_done() const {
  return std::none_of(options_.topics.begin(), options_.topics.end(),
                      [this](const auto& s) { return is_missing(s); }) &&
         std::all_of(readers_.begin(), readers_.end(), [](const auto& r) { return r->is_done(); });
}

bool Consumer::is_at_end() const {
  return std::all_of(readers_.begin(), readers_.end(), [](const auto& r) {
    return r->is_done() || (r->high_watermark != offset_none && r->next() >= r->high_watermark);
  });
}

std::vector<Position> Consumer::positions() const {
  std::vector<Position> all;
  for (const auto& r : readers_) all.push_back({r->topic(), r->partition(), r->next(), r->stop(), r->high_watermark});
  return all;
}

int Consumer::pollers() const {
  std::set<BrokerId> leaders;
  uint64_t clients = 1;
  for (const auto& reader : readers_) {
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
  if (!blocked_) return {};
  std::string what = session_.awaited();
  return what.empty() ? "a leader" : what;
}

}  // namespace bobbin::client
