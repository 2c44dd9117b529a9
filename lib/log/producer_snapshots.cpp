#include "log/producer_snapshots.h"

#include <algorithm>

#include "base/mutants.h"

namespace bobbin::log {

namespace {

// How far before the end of a log the last five batches of a producer are looked for.
constexpr uint64_t recalled_bytes = 8u << 20;

// Nothing: it is not there, or not sound.
Result<std::optional<Producers>> read_snapshot(os::Storage& storage, const std::string& path) {
  std::optional<Producers> none;
  auto bytes = os::read_whole_file(storage, path);
  if (!bytes && (bytes.error().code == Errc::not_found || bytes.error().code == Errc::damaged)) return none;
  if (!bytes) return std::move(bytes).error();
  auto decoded = Producers::decode_snapshot(*bytes);
  return decoded ? std::optional(std::move(*decoded)) : none;
}

// The batches before the snapshot, of which it remembers only each producer's last. A producer that lost its answers sends
// up to five again, and has to hear that they are stored.
Status recall_batches(const ProducerSnapshots::Sources& s, Offset snapshot, Producers& producers) {
  if (producers.size() == 0) return {};
  uint64_t left = recalled_bytes;
  size_t i = s.segments.size();
  while (i > 0 && s.segments[i - 1].bytes() < left) left -= s.segments[--i].bytes();
  Offset from = i < s.segments.size() ? s.segments[i].base() : s.segments.end();
  if (i > 0) {
    Segment& segment = s.segments[i - 1];
    BOBBIN_TRY(segment.ready(s.index_interval_bytes, s.segments.limit(i - 1)));
    BOBBIN_TRY_ASSIGN(at, segment.indexes().first_behind(segment.bytes() - std::min(left, segment.bytes())));
    from = at.value_or(from);
  }
  Producers recent;
  BOBBIN_TRY(
      replay_producers(s.segments, s.storage, {std::max(from, s.log_start), snapshot, s.now, s.expiration_ms}, recent));
  producers.recall(recent);
  return {};
}

}  // namespace

std::string ProducerSnapshots::path(Offset at) const { return dir_ + "/" + offset_name(at, ".snapshot"); }

Status ProducerSnapshots::write(const Producers& producers, const Segments& segments, Unsynced& unsynced,
                                Removal& removal) {
  if (!offsets_.empty() && offsets_.back() == segments.end()) return {};
  BOBBIN_TRY(unsynced.write(offset_name(segments.end(), ".snapshot"), producers.encode_snapshot()));
  offsets_.push_back(segments.end());
  std::vector<std::string> dropped;
  size_t others = 0;
  for (size_t i = offsets_.size(); i-- > 0;) {
    if (segments.has_beginning_at(offsets_[i]) || others++ < 2) continue;
    dropped.push_back(path(offsets_[i]));
    offsets_.erase(offsets_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  removal.discard(std::move(dropped));
  return {};
}

std::vector<std::string> ProducerSnapshots::drop_below(Offset first) {
  std::vector<std::string> dropped;
  auto kept = std::lower_bound(offsets_.begin(), offsets_.end(), first);
  for (auto it = offsets_.begin(); it != kept; ++it) dropped.push_back(path(*it));
  offsets_.erase(offsets_.begin(), kept);
  return dropped;
}

Status ProducerSnapshots::remove_above(os::Storage& storage, Offset end) {
  for (; !offsets_.empty() && offsets_.back() > end; offsets_.pop_back()) {
    Status gone = storage.unlink(path(offsets_.back()));
    if (!gone && gone.error().code != Errc::not_found) return gone;
  }
  return {};
}

// Also throws away those that are not sound, or of an offset that the log does not reach.
Result<ProducerSnapshots::Known> ProducerSnapshots::read_newest(const Sources& s, std::vector<std::string>& notes) {
  Known known;
  std::vector<Offset> kept;
  for (size_t i = offsets_.size(); i-- > 0;) {
    BOBBIN_TRY_ASSIGN(read, read_snapshot(s.storage, path(offsets_[i])));
    if (!read || offsets_[i] > s.segments.end()) {
      notes.push_back(path(offsets_[i]) + ": thrown away, the producers' state is read from the records");
      Status gone = s.storage.unlink(path(offsets_[i]));
      if (!gone && gone.error().code != Errc::not_found) return std::move(gone).error();
      continue;
    }
    kept.insert(kept.begin(), offsets_[i]);
    if (!known.at) known = {std::move(*read), offsets_[i]};
  }
  bool threw_away = kept.size() < offsets_.size();
  offsets_ = std::move(kept);
  // A snapshot that was thrown away must not come back after a power cut: by then other records may lie below it.
  if (threw_away) BOBBIN_TRY(s.storage.sync_dir(dir_));
  return known;
}

Result<Producers> ProducerSnapshots::load(const Sources& s, std::vector<std::string>& notes) {
  BOBBIN_TRY_ASSIGN(known, read_newest(s, notes));
  if (planted(Mutant::lose_producer_state)) return Producers();
  Producers producers = std::move(known.producers);
  Offset from = s.segments.first();
  if (known.at) from = std::max(from, *known.at);
  if (known.at) BOBBIN_TRY(recall_batches(s, from, producers));
  BOBBIN_TRY(replay_producers(s.segments, s.storage, {from, s.segments.end(), s.now, s.expiration_ms}, producers));
  producers.expire(s.now, s.expiration_ms);
  return producers;
}

}  // namespace bobbin::log
