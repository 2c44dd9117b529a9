#include "client/consumer/fetcher.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "client/admin/sentences.h"
#include "client/patience.h"
#include "client/request.h"
#include "client/session.h"

namespace bobbin::client {

using protocol::FetchRequest;
using protocol::FetchResponse;

namespace {

constexpr int64_t answer_ms_max = 10'000;           // a broker that does not answer one Fetch for so long is left
constexpr size_t held_bytes_max = 64 << 20;         // of answers; with more, nothing is asked until some were read
constexpr int32_t answer_overhead_bytes = 1 << 20;  // besides the records: names, of which there may be many

// Versions with ids name topics by id only.
struct AnswerKey {
  std::string topic;
  TopicId id;
  int32_t partition = 0;
  auto operator<=>(const AnswerKey&) const = default;
};

}  // namespace

Fetcher::Fetcher(Session& session, const ReadOptions& options)
    : session_(session), options_(options), self_(std::make_shared<Fetcher*>(this)) {}

Fetcher::~Fetcher() { *self_ = nullptr; }

// --- asking ---

Result<bool> Fetcher::ask(std::span<const std::unique_ptr<PartitionReader>> readers, size_t first) {
  int64_t now = session_.now_ms();
  std::map<BrokerId, std::vector<PartitionReader*>> by_leader;
  std::set<BrokerId> full;
  is_blocked_ = false;
  for (size_t i = 0; i < readers.size(); i++) {
    PartitionReader& reader = *readers[(first + i) % readers.size()];
    if (reader.is_fetched() || reader.out_of_range) continue;
    const PartitionView* view = session_.topology().partition(reader.topic(), reader.partition());
    BrokerId leader = view ? view->leader : broker_none;
    if (!reader.has_room() || *held_bytes_ >= held_bytes_max) {
      full.insert(leader);
      continue;
    }
    if (in_place_.take_shown(reader, leader)) continue;
    // What is here is handed over first: the leader shows whether there is more by then.
    if (reader.has_records() && reader.tail()) continue;
    if (!reader.wait.may_ask(now) || (leader != broker_none && fetching_.contains(leader))) continue;
    if (leader != broker_none && session_.is_ready(leader)) by_leader[leader].push_back(&reader);
    else BOBBIN_TRY(find_leader(reader, leader, now));
  }
  for (auto& [leader, of_leader] : by_leader) {
    for (auto* reader : of_leader) reader->wait.begin(now);
    // A broker that has nothing new for some would hold its answer, and those that have no room yet would wait for it.
    ask_leader(leader, of_leader, full.contains(leader) ? 0 : options_.fetch_wait_ms);
  }
  return !by_leader.empty();
}

Status Fetcher::find_leader(PartitionReader& reader, BrokerId leader, int64_t now) {
  is_blocked_ = true;
  reader.wait.begin(now);
  if (leader != broker_none && !session_.is_lost(leader) && !reader.wait.lasts(leader_grace_ms, now)) return {};
  return session_.need(reader.topic(), reader.partition());
}

void Fetcher::ask_leader(BrokerId node, const std::vector<PartitionReader*>& readers, int32_t wait_ms) {
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
      topic.topic_id = reader->topic_id();
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
  call.timeout_ms = std::min(options_.timeout_ms, answer_ms_max) + options_.fetch_wait_ms;
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

// --- answers ---

void Fetcher::take_answer(const Fetching& fetching, Result<RawAnswer> raw) {
  fetching_.erase(fetching.node);
  auto answer = decode_answer<FetchResponse>(std::move(raw));
  if (!answer || answer->body.error_code != 0) {
    Errc code = answer ? errc_from_wire(answer->body.error_code) : answer.error().code;
    session_.refresh_metadata();
    for (const auto& asked : fetching.asked) asked.reader->wait.failed(session_.now_ms());
    bool passes = code == Errc::disconnected || code == Errc::no_answer || is_retriable(code);
    if (!passes && !failure_)
      failure_ = answer ? kafka_error(answer->body.error_code, std::nullopt, "reading") : answer.error();
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
    AnswerKey key{by_id ? "" : reader->topic(), by_id ? reader->topic_id() : TopicId{}, reader->partition().value};
    auto it = found.find(key);
    auto code = it == found.end() ? Errc::network_exception : errc_from_wire(it->second->error_code);
    if (code == Errc::none) take_partition(asked, fetching.node, *it->second, frame);
    else refused(*reader, code, it == found.end() ? std::nullopt : it->second->damage);
  }
}

std::shared_ptr<const std::string> Fetcher::hold(std::unique_ptr<std::string> frame) {
  *held_bytes_ += frame->capacity();
  return {frame.release(), [held = held_bytes_](const std::string* gone) {
            *held -= gone->capacity();
            delete gone;
          }};
}

// A leader that tells of records and sends none, or no whole batch, or those from before again and again, is waited for as
// long as one that says nothing.
void Fetcher::take_partition(const Asked& asked, BrokerId leader, const FetchResponse::PartitionData& data,
                             std::shared_ptr<const std::string> frame) {
  PartitionReader& reader = *asked.reader;
  reader.high_watermark = Offset(data.high_watermark);
  bool tells_of_more = reader.high_watermark > asked.from || (data.records && !data.records->empty());
  take_records(asked, leader, data, std::move(frame));
  const bool is_owed = tells_of_more && reader.fetch_offset() <= asked.from && !reader.is_fetched();
  is_owed ? reader.wait.owe(session_.now_ms() + retry_pause_ms) : reader.wait.end();
}

void Fetcher::refused(PartitionReader& reader, Errc code, const std::optional<std::string>& damage) {
  reader.wait.refused(session_.now_ms());
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

void Fetcher::take_records(const Asked& asked, BrokerId leader, const FetchResponse::PartitionData& data,
                           std::shared_ptr<const std::string> frame) {
  PartitionReader& reader = *asked.reader;
  if (data.place.segment < 0 || !asked.in_place) reader.take(std::move(frame), data.records.value_or(Bytes{}));
  else if (!in_place_.take(reader, leader, data.place)) return;
  in_place_.take_tail(reader, leader, data.tail);
}

}  // namespace bobbin::client
