#include <algorithm>

#include "base/offset_name.h"
#include "metadata/metadata_log.h"

namespace bobbin::metadata {
namespace {

constexpr int attempts_max = 3;  // files may be replaced while they are read
// Of a segment or a snapshot: many times what Kafka's largest clusters have. A file with a hole in it says any size.
constexpr uint64_t file_bytes_max = 256 << 20;

// The batch at the front, if it is whole, has the right checksum and continues the log.
std::optional<record::BatchView> good_batch(Bytes bytes, Offset expected) {
  auto batch = record::BatchView::parse(bytes);
  if (!batch || batch->base_offset() != expected || !batch->crc_is_valid() || batch->last_offset_delta() < 0)
    return std::nullopt;
  return *batch;
}

// Whether good batches lie behind the bad one at the front: then the log did not just end here. Those of a transaction
// that is not ended (its timestamp given) do not count. Bytes that look like large batches again and again were made to
// cost time: they are no end, either.
bool has_good_behind(Bytes bytes, Offset expected, std::optional<Timestamp> unfinished) {
  size_t summed = 0;
  for (size_t at = 1; at + record::batch_header_bytes <= bytes.size(); at++) {
    if (bytes[at + record::magic_at] != record::magic_v2) continue;
    auto batch = record::BatchView::parse(bytes.substr(at));
    if (!batch || batch->base_offset() < expected) continue;
    summed += batch->bytes().size();
    if (summed > 16 * bytes.size()) return true;
    if (!batch->crc_is_valid()) continue;
    if (batch->base_timestamp() != unfinished) return true;
    at += batch->bytes().size() - 1;
  }
  return false;
}

// What the bytes are to blame for. What the storage said, and a newer program's records, stay what they are.
Error as_damage(Error e, const std::string& where) {
  bool by_bytes = e.code == Errc::malformed || e.code == Errc::corrupt_message || e.code == Errc::message_too_large ||
                  e.code == Errc::unsupported_compression_type;
  if (by_bytes) e.code = Errc::damaged;
  return std::move(e).in(where);
}

Error too_large(const std::string& where, uint64_t bytes) {
  return error(Errc::damaged, where + " is damaged: it has " + std::to_string(bytes) + " bytes, where " +
                                  std::to_string(file_bytes_max) +
                                  " are the most; nothing is changed until it is restored from a copy");
}

}  // namespace

Status Reader::catch_up(Image& image) {
  BOBBIN_TRY_ASSIGN(update, read());
  Image next = update.from_start ? Image() : image;
  if (Status applied = apply(update, next); !applied) {
    take_back();
    return applied;
  }
  image = std::move(next);
  return {};
}

Result<Update> Reader::read(Offset below) {
  before_ = at_;
  below_ = below;
  for (int attempt = 1;; attempt++) {
    auto update = read_once();
    if (update) return update;
    take_back();
    Errc code = update.error().code;
    bool may_be_a_race = code == Errc::damaged || code == Errc::not_found;
    if (!may_be_a_race || attempt == attempts_max) return std::move(update).error();
  }
}

Result<Update> Reader::read_once() {
  BOBBIN_TRY_ASSIGN(files, list());
  Update update;
  bool goes_on = false;
  if (at_ && at_->next_offset > Offset(0)) {
    BOBBIN_TRY_ASSIGN(is_there, still_there(files));
    if (!is_there && !was_rolled(files)) return shrunk();
    goes_on = is_there;
  }
  if (!goes_on) BOBBIN_TRY(begin(files, update));
  BOBBIN_TRY(read_segments(files, update));
  update.next_offset = std::max(at_->next_offset, skip_below_);
  if (before_ && update.next_offset < before_->next_offset) return shrunk();
  return update;
}

// A snapshot holds all that was read from a segment that is gone.
bool Reader::was_rolled(const Files& files) const {
  bool is_gone = !std::binary_search(files.segments.begin(), files.segments.end(), at_->segment);
  return is_gone && !files.snapshots.empty() && files.snapshots.back() >= at_->next_offset;
}

Error Reader::shrunk() const {
  return error(Errc::damaged,
               path(segment_name(before_->segment)) + ": offsets up to " +
                   std::to_string(before_->next_offset.value - 1) +
                   " were in the metadata log, and are not there any more: restore it from a copy of now, or stop the "
                   "brokers and start them anew to go on with what is there");
}

Result<Reader::Files> Reader::list() {
  Files files;
  auto names = storage_->list(dir_);
  if (!names && names.error().code == Errc::not_found) return files;
  if (!names) return std::move(names).error();
  for (const std::string& name : *names) {
    if (auto base = parse_offset_name(name, ".log")) files.segments.push_back(*base);
    if (auto end = parse_offset_name(name, snapshot_name(Offset(0)).substr(20))) files.snapshots.push_back(*end);
  }
  std::sort(files.segments.begin(), files.segments.end());
  std::sort(files.snapshots.begin(), files.snapshots.end());
  return files;
}

// Whether what was read last is still what the file holds.
Result<bool> Reader::still_there(const Files& files) {
  if (!std::binary_search(files.segments.begin(), files.segments.end(), at_->segment)) return false;
  if (!at_->has_last) return true;
  auto file = storage_->open(path(segment_name(at_->segment)), os::Open::read);
  if (!file && file.error().code == Errc::not_found) return false;
  if (!file) return std::move(file).error();
  char header[record::batch_header_bytes];
  BOBBIN_TRY_ASSIGN(got, (*file)->read(header, at_->last_batch_at));
  BOBBIN_TRY_ASSIGN(size, (*file)->size());
  return got == sizeof header && size >= at_->bytes &&
         record::BatchView(Bytes(header, sizeof header)).crc() == at_->last_crc;
}

// Takes the newest snapshot that can be used, and the place in the log where it ends.
Status Reader::begin(const Files& files, Update& into) {
  at_.reset();
  std::optional<Error> first_error;
  std::vector<Offset> starts = files.snapshots;
  starts.insert(starts.begin(), Offset(0));  // without any
  for (auto start = starts.rbegin(); start != starts.rend(); ++start) {
    bool is_snapshot = start + 1 != starts.rend();
    auto above = std::upper_bound(files.segments.begin(), files.segments.end(), *start);
    bool has_segment = above != files.segments.begin();
    bool may_lack_segment = files.segments.empty() && start == starts.rbegin();
    if (!has_segment && !may_lack_segment) continue;
    into = Update{true, false, *start, {}};
    if (is_snapshot) {
      std::string name = path(snapshot_name(*start));
      auto bytes = os::read_whole_file(*storage_, name, file_bytes_max);
      auto records = bytes ? decode_snapshot(*bytes) : Result<std::vector<NumberedRecord>>(bytes.error());
      if (!records) {
        if (!first_error) first_error = as_damage(records.error(), name);
        continue;
      }
      into.records = std::move(*records);
      end_.snapshot_bytes = bytes->size();
    } else {
      end_.snapshot_bytes = 0;
    }
    skip_below_ = *start;
    at_ = Place();
    at_->segment = at_->next_offset = has_segment ? *(above - 1) : *start;
    return {};
  }
  if (first_error) return *first_error;
  return error(Errc::damaged, dir_ + ": the beginning of the metadata log is missing: restore the folder from a copy");
}

Status Reader::read_segments(const Files& files, Update& into) {
  while (true) {
    auto next = std::upper_bound(files.segments.begin(), files.segments.end(), at_->segment);
    bool is_last = next == files.segments.end();
    BOBBIN_TRY_ASSIGN(file_bytes, read_segment(into, is_last));
    if (is_last || into.held_back) {
      if (is_last && !into.held_back && at_->next_offset < skip_below_) file_bytes = go_behind_snapshot();
      set_end(files, file_bytes);
      return {};
    }
    if (*next != at_->next_offset || at_->bytes != file_bytes)
      return error(Errc::damaged, path(segment_name(at_->segment)) + " ends at offset " + to_string(at_->next_offset) +
                                      ", not where the next segment begins");
    Place place;
    place.segment = place.next_offset = *next;
    place.last_timestamp = at_->last_timestamp;
    at_ = place;
  }
}

// The log lost what a snapshot still holds: it goes on in a new segment behind the snapshot.
uint64_t Reader::go_behind_snapshot() {
  Place place;
  place.segment = place.next_offset = skip_below_;
  place.last_timestamp = at_->last_timestamp;
  at_ = place;
  return 0;
}

// Reads what was added; returns how long the file is.
Result<uint64_t> Reader::read_segment(Update& into, bool is_last) {
  auto file = storage_->open(path(segment_name(at_->segment)), os::Open::read);
  if (!file && file.error().code == Errc::not_found && at_->bytes == 0 && is_last) return uint64_t{0};
  if (!file) return std::move(file).error();
  BOBBIN_TRY_ASSIGN(size, (*file)->size());
  if (size < at_->bytes) return error(Errc::damaged, path(segment_name(at_->segment)) + " became shorter");
  if (size - at_->bytes > file_bytes_max) return too_large(path(segment_name(at_->segment)), size);
  std::string bytes(size - at_->bytes, '\0');
  BOBBIN_TRY_ASSIGN(got, (*file)->read(std::span<char>(bytes.data(), bytes.size()), at_->bytes));
  bytes.resize(got);
  uint64_t file_bytes = at_->bytes + got;
  BOBBIN_TRY(read_batches(bytes, into, is_last));
  return file_bytes;
}

Status Reader::read_batches(Bytes bytes, Update& into, bool is_last) {
  const uint64_t from = at_->bytes;
  const std::string where = path(segment_name(at_->segment));
  Place place = *at_;
  std::vector<NumberedRecord> held;  // of transactions that have not ended
  std::optional<Timestamp> unfinished;
  for (size_t at = 0; at < bytes.size();) {
    auto batch = good_batch(bytes.substr(at), place.next_offset);
    if (!batch) {
      if (is_last && !has_good_behind(bytes.substr(at), place.next_offset, unfinished)) return {};  // torn
      return error(Errc::damaged, where + ": the batch at byte " + std::to_string(from + at) + " (offset " +
                                      to_string(place.next_offset) +
                                      ") is damaged; nothing is changed until it is restored from a copy");
    }
    size_t before = held.size();
    if (auto decoded = decode_batch(*batch, held); !decoded)
      return as_damage(std::move(decoded).error(), where + " at byte " + std::to_string(from + at));
    for (size_t i = before; i < held.size(); i++) {
      if (std::holds_alternative<BeginTransactionRecord>(held[i].record)) unfinished = batch->base_timestamp();
      if (std::holds_alternative<EndTransactionRecord>(held[i].record)) unfinished.reset();
    }
    place.has_last = true;
    place.last_batch_at = from + at;
    place.last_crc = batch->crc();
    place.last_timestamp = batch->max_timestamp();
    place.next_offset = batch->next_offset();
    at += batch->bytes().size();
    place.bytes = from + at;
    if (unfinished) continue;
    if (place.next_offset > below_) {
      into.held_back = true;
      return {};
    }
    for (NumberedRecord& r : held)
      if (r.offset >= skip_below_) into.records.push_back(std::move(r));
    held.clear();
    at_ = place;
  }
  return {};
}

void Reader::set_end(const Files& files, uint64_t file_bytes) {
  end_.segment = path(segment_name(at_->segment));
  end_.exists = std::binary_search(files.segments.begin(), files.segments.end(), at_->segment);
  end_.good_bytes = at_->bytes;
  end_.file_bytes = file_bytes;
  end_.next_offset = at_->next_offset;
  end_.last_timestamp = at_->last_timestamp;
}

void Reader::appended(const Encoded& written) {
  check(at_.has_value(), "a writer has read the log before");
  at_->has_last = true;
  at_->last_batch_at = at_->bytes + written.last_batch_at;
  at_->last_crc = written.last_crc;
  at_->last_timestamp = written.timestamp;
  at_->bytes += written.bytes.size();
  at_->next_offset = written.next_offset;
  end_.exists = true;
  end_.good_bytes = end_.file_bytes = at_->bytes;
  end_.next_offset = at_->next_offset;
  end_.last_timestamp = at_->last_timestamp;
}

void Reader::rolled(uint64_t snapshot_bytes) {
  check(at_.has_value(), "a writer has read the log before");
  Place place;
  place.segment = place.next_offset = at_->next_offset;
  place.last_timestamp = at_->last_timestamp;
  at_ = place;
  end_.segment = path(segment_name(place.segment));
  end_.exists = true;
  end_.good_bytes = end_.file_bytes = 0;
  end_.snapshot_bytes = snapshot_bytes;
}

}  // namespace bobbin::metadata
