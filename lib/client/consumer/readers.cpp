#include "client/consumer/readers.h"

#include <algorithm>

#include "client/admin/leader_offsets.h"
#include "client/consumer/range.h"
#include "client/patience.h"
#include "client/session.h"

namespace bobbin::client {

namespace {
constexpr size_t partitions_max = 100'000;  // that are read at once
}  // namespace

Readers::Readers(Session& session, const ReadOptions& options) : session_(session), options_(options) {}

Result<PartitionReader*> Readers::add(const std::string& topic, const TopicId& id, PartitionId partition) {
  const TopicWatch& watch = topics_.try_emplace(topic, topic, id).first->second;
  if (!read_.emplace(topic, partition).second) return nullptr;
  if (readers_.size() == partitions_max)
    return error(Errc::usage, "more than " + std::to_string(partitions_max) +
                                  " partitions cannot be read at once; name fewer topics");
  readers_.push_back(std::make_unique<PartitionReader>(topic, watch.id(), partition, options_.batch_bytes_max, batch_));
  return readers_.back().get();
}

bool Readers::is_done() const {
  return std::all_of(readers_.begin(), readers_.end(), [](const auto& r) { return r->is_done(); });
}

// --- what goes wrong ---

Status Readers::check_topics() {
  if (topology_seen_ == session_.topology_version()) return {};
  topology_seen_ = session_.topology_version();
  for (auto& [name, topic] : topics_) BOBBIN_TRY(topic.check(session_));
  return {};
}

Status Readers::reset_position(PartitionReader& reader) {
  auto told = [&](At::Kind kind) {
    return offsets_alone(ask_leaders(session_, reader.topic(), {kind}, {reader.partition()}));
  };
  BOBBIN_TRY_ASSIGN(firsts, told(At::Kind::earliest));
  BOBBIN_TRY_ASSIGN(ends, told(At::Kind::latest));
  const Offset first = firsts[0], end = ends[0];
  // A leader whose high watermark is late after its start says so for a moment.
  if (reader.fetch_offset() >= first && reader.fetch_offset() <= end) {
    reader.out_of_range = false;
    return {};
  }
  if (!reader.from_beginning && options_.out_of_range == OutOfRange::fail)
    return is_out_of_range(reader.name(), reader.fetch_offset(), first, end);
  reader.seek(!reader.from_beginning && options_.out_of_range == OutOfRange::end ? end : first);
  return {};
}

Status Readers::check_patience() {
  int64_t now = session_.now_ms();
  for (const auto& reader : readers_) {
    if (reader->has_records()) reader->wait.fed(now);
    if (reader->is_fetched() || !reader->wait.is_too_long(options_.timeout_ms, now)) continue;
    std::string patience = std::to_string(options_.timeout_ms) + " ms";
    if (reader->wait.is_owed())
      return error(Errc::no_answer, reader->name() + ": its leader tells of records up to offset " +
                                        to_string(reader->high_watermark) + " and has sent none from " +
                                        to_string(reader->fetch_offset()) + " on for " + patience);
    return error(Errc::no_answer, reader->name() + ": no answer from its leader for " + patience +
                                      "; `bobbin broker status` tells what runs");
  }
  return {};
}

// --- reading ---

Status Readers::prepare() {
  if (fetcher_.failure()) return *fetcher_.failure();
  BOBBIN_TRY(check_topics());
  for (auto& reader : readers_)
    if (reader->out_of_range && !reader->has_records()) BOBBIN_TRY(reset_position(*reader));
  return {};
}

Status Readers::poll(Sink& sink, std::span<os::WaitFd> also, int64_t wait_ms) {
  BOBBIN_TRY(prepare());
  BOBBIN_TRY(fetcher_.ask(readers_, first_));
  bool waiting = std::any_of(readers_.begin(), readers_.end(), [](const auto& r) { return r->has_records(); });
  BOBBIN_TRY(session_.wait(also, waiting ? 0 : poll_ms(wait_ms), [this] {
    return std::any_of(readers_.begin(), readers_.end(), [this](const auto& r) { return fetcher_.is_shown_more(*r); });
  }));
  BOBBIN_TRY(prepare());
  // The next question leaves before these answers are read.
  BOBBIN_TRY_ASSIGN(asked, fetcher_.ask(readers_, first_));
  if (asked) session_.flush();
  BOBBIN_TRY(deliver(sink));
  return check_patience();
}

Status Readers::deliver(Sink& sink) {
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

int64_t Readers::poll_ms(int64_t wait_ms) const {
  int64_t now = session_.now_ms();
  int64_t first = is_blocked() ? now + leader_grace_ms : INT64_MAX;
  for (const auto& reader : readers_)
    if (!reader->is_fetched()) first = std::min(first, reader->wait.due_ms(options_.timeout_ms, now));
  if (first == INT64_MAX) return wait_ms;
  int64_t most = std::max<int64_t>(first - now, 0);
  return wait_ms < 0 ? most : std::min(wait_ms, most);
}

}  // namespace bobbin::client
