#include "client/consumer/partition_reader.h"

#include <algorithm>

#include "base/check.h"
#include "client/consumer/sink.h"

namespace bobbin::client {

using record::magic_at;

namespace {
constexpr int32_t fetch_bytes_more = 2 << 20;  // than usual, at first
}  // namespace

void PartitionReader::seek(Offset next) {
  next_ = next;
  fetch_next_ = next;
  chunks_.clear();
  leave_batch();
  out_of_range = false;
  tail_.reset();
  failed_.reset();
}

// `rest` begins with what should be a batch, and may be a part of one.
Status PartitionReader::check_shape(Bytes rest, Offset at) const {
  if (rest[magic_at] != record::magic_v2)
    return error(Errc::unsupported_for_message_format, where(at) + " is of Kafka 0.10 or older (message format " +
                                                           std::to_string(static_cast<int>(rest[magic_at])) +
                                                           ") and cannot be read");
  auto size = record::batch_size(rest);
  if (!size) return error(Errc::damaged, where(at) + " is damaged (its length cannot be)");
  if (*size > batch_bytes_max_)
    return error(Errc::message_too_large, where(at) + " has " + std::to_string(*size) + " bytes; at most " +
                                              std::to_string(batch_bytes_max_) + " are taken");
  if (*size > rest.size()) return {};
  record::BatchView batch(rest.substr(0, *size));
  if (batch.last_offset_delta() < 0 || batch.base_offset().value < 0)
    return error(Errc::damaged, where(at) + " is damaged (its offsets cannot be)");
  return {};
}

Status PartitionReader::check_crc(const record::BatchView& batch) const {
  if (batch.crc_is_valid()) return {};
  return error(Errc::damaged, where(batch.base_offset()) + " is damaged (its checksum is wrong)");
}

// The end of the last batch is where the next Fetch goes on, which may be beyond its last record. Its checksum is looked
// at when its records are about to be read, once and while they are in the cache for it.
void PartitionReader::take(std::shared_ptr<const void> owner, Bytes batches) {
  Bytes rest = batches;
  Offset end = fetch_next_;
  while (rest.size() > magic_at) {
    if (Status good = check_shape(rest, end); !good) {
      // The beginning of one that seems too large: whether it is that large is asked where it comes first.
      if (good.error().code == Errc::message_too_large && rest.size() < batches.size()) break;
      failed_ = std::move(good).error();
      break;
    }
    size_t size = *record::batch_size(rest);
    if (size > rest.size()) break;
    end = std::max(end, record::BatchView(rest.substr(0, size)).next_offset());
    rest.remove_prefix(size);
  }
  Bytes whole = batches.substr(0, batches.size() - rest.size());
  if (whole.empty() && !batches.empty())
    fetch_bytes_min_ = static_cast<int32_t>(std::min<size_t>(
        batch_bytes_max_, std::max<size_t>(fetch_bytes_more, 2 * static_cast<size_t>(fetch_bytes_min_))));
  if (end == fetch_next_) return;
  fetch_bytes_min_ = 0;
  fetch_next_ = end;
  chunks_.push_back({std::move(owner), whole, false, {}, {}});
}

void PartitionReader::take_in_place(std::shared_ptr<const log::SegmentView> view, Bytes batches, Offset next) {
  view_ = view;
  chunks_.push_back({std::move(view), batches, true, fetch_next_, next});
  fetch_next_ = std::max(fetch_next_, next);
}

// What no checksum covers: the length, and the base offset, which must lie where the batch before ended. A wrong one
// would pass over the batches behind it, so the next header is looked at before this batch is believed.
bool PartitionReader::fits(const Chunk& chunk) const {
  Bytes rest = chunk.batches;
  if (rest.size() <= magic_at || !check_shape(rest, next_).ok()) return false;
  size_t size = *record::batch_size(rest);
  if (size > rest.size()) return false;
  Offset end = record::BatchView(rest.substr(0, size)).next_offset();
  rest.remove_prefix(size);
  Offset below =
      rest.size() < record::batch_head_bytes ? chunk.end : std::min(chunk.end, record::BatchView(rest).base_offset());
  return end > chunk.at && end <= below;
}

// Of a file that is read in place the kernel reads what it is told to: little for who takes one record out of it, more and
// more for who goes on. A few records at the log's end were just written: they are in memory, and nothing is told.
void PartitionReader::read_ahead(Chunk& chunk, size_t needed) {
  if (!chunk.ahead && chunk.batches.size() < read_ahead_least) return;
  const char* at = chunk.batches.data();
  size_t told = chunk.ahead > at ? static_cast<size_t>(chunk.ahead - at) : 0;
  if (told >= std::max(needed, chunk.window / 2) || told >= chunk.batches.size()) return;
  Bytes next = chunk.batches.substr(told, std::max(chunk.window, needed - std::min(needed, told)));
  os::will_need(next);
  chunk.ahead = next.data() + next.size();
  chunk.window = std::min(chunk.window * 2, read_ahead_max);
}

Result<bool> PartitionReader::open_next_batch(Chunk& chunk) {
  while (!chunk.batches.empty()) {
    if (chunk.in_place) {
      read_ahead(chunk, record::batch_header_bytes);
      // The batch, and the next one's header.
      if (auto size = chunk.batches.size() > magic_at ? record::batch_size(chunk.batches) : std::nullopt)
        read_ahead(chunk, *size + record::batch_header_bytes);
    }
    if (chunk.in_place && !fits(chunk)) return error(Errc::damaged, where(next_) + " is damaged");
    record::BatchView batch(chunk.batches.substr(0, *record::batch_size(chunk.batches)));
    if (batch.next_offset() > next_) BOBBIN_TRY(check_crc(batch));
    chunk.batches.remove_prefix(batch.bytes().size());
    chunk.at = batch.next_offset();
    if (batch.next_offset() <= next_) continue;
    if (batch.is_control()) {
      next_ = batch.next_offset();
      continue;
    }
    check(!batch_->inside, "one partition at a time is inside of a batch");
    if (auto opened = batch_->records.open(batch, batch_bytes_max_); !opened)
      return std::move(opened).error().in(name() + ", batch at offset " + to_string(batch.base_offset()));
    batch_start_ = batch.base_offset();
    batch_end_ = batch.next_offset();
    batch_from_ = next_;
    batch_->inside = this;
    return true;
  }
  return false;
}

// All records of the batch that was just opened, if the sink takes them at once; how many.
Result<size_t> PartitionReader::offer_batch(Sink& sink, bool& paused) {
  if (batch_start_ < next_ || (stop_ && batch_end_ > *stop_)) return size_t{0};
  auto records = static_cast<size_t>(batch_->records.records_left());
  auto done = sink.take_batch(topic_, partition_, batch_->records);
  if (!done) return std::move(done).error().in(name());
  if (*done == Sink::Batch::one_by_one) return size_t{0};
  paused = *done == Sink::Batch::taken_and_enough;
  next_ = batch_end_;
  leave_batch();
  from_beginning = false;
  return records;
}

Result<size_t> PartitionReader::deliver(Sink& sink, bool& paused) {
  size_t count = 0, bytes_left = slice_bytes;
  record::Record record;
  while (!chunks_.empty() && !is_done() && !paused) {
    if (!is_in_batch()) {
      if (bytes_left == 0) break;
      size_t before = chunks_.front().batches.size();
      auto opened = open_next_batch(chunks_.front());
      if (!opened && chunks_.front().in_place && opened.error().code == Errc::damaged) {
        // The broker knows what is damaged in its files: it is asked for the bytes, and tells.
        read_in_place = false;
        seek(next_);
        break;
      }
      if (!opened) return std::move(opened).error();
      bytes_left -= std::min(bytes_left, before - chunks_.front().batches.size());
      if (!*opened && chunks_.front().in_place && std::max(next_, chunks_.front().at) < chunks_.front().end) {
        // Fewer records lie there than its leader thinks. Asked for the bytes, it says what became of the rest.
        inline_below_ = chunks_.front().end;
        seek(std::max(next_, chunks_.front().at));
        break;
      }
      if (!*opened) {
        chunks_.pop_front();
        if (count > 0) break;
        continue;
      }
      BOBBIN_TRY_ASSIGN(taken, offer_batch(sink, paused));
      count += taken;
      if (!is_in_batch()) continue;
    }
    auto more = batch_->records.next(record);
    if (!more) return std::move(more).error().in(name());
    if (!*more) {
      // Compaction leaves holes behind the last record, too.
      next_ = stop_ ? std::min(batch_end_, *stop_) : batch_end_;
      leave_batch();
      continue;
    }
    // All of a batch that is read from its beginning, or to its end, is handed over, whatever offsets its records claim: so
    // sinks see the same, whether they take batches or records.
    if (batch_from_ > batch_start_ && record.offset < batch_from_) continue;
    if (stop_ && batch_end_ > *stop_ && record.offset >= *stop_) continue;
    next_ = std::max(next_, std::min(record.offset + 1, batch_end_));
    count++;
    from_beginning = false;
    paused = !sink.take(topic_, partition_, record);
  }
  if (is_done()) {
    chunks_.clear();
    leave_batch();
  }
  if (failed_ && chunks_.empty() && !paused && !is_done()) return *failed_;
  return count;
}

}  // namespace bobbin::client
