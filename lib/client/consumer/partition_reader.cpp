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

// The end of the last batch is where the next Fetch goes on, which may be beyond its last record. Its checksum is looked
// at when its records are about to be read, once and while they are in the cache for it.
void PartitionReader::take(std::shared_ptr<const void> owner, Bytes batches) {
  Bytes rest = batches;
  Offset end = fetch_next_;
  while (rest.size() > magic_at) {
    if (Status good = checks_.check_shape(rest, end); !good) {
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
        checks_.bytes_max(), std::max<size_t>(fetch_bytes_more, 2 * static_cast<size_t>(fetch_bytes_min_))));
  if (end == fetch_next_) return;
  fetch_bytes_min_ = 0;
  fetch_next_ = end;
  chunks_.push_back(Chunk::of_answer(std::move(owner), whole));
}

void PartitionReader::take_in_place(std::shared_ptr<const log::SegmentView> view, Bytes batches, Offset next) {
  view_ = view;
  chunks_.push_back(Chunk::in_place(std::move(view), batches, fetch_next_, next));
  fetch_next_ = std::max(fetch_next_, next);
}

Result<bool> PartitionReader::open_next_batch(Chunk& chunk) {
  while (!chunk.is_empty()) {
    BOBBIN_TRY_ASSIGN(batch, chunk.front(checks_, next_));
    chunk.pop(batch);
    if (batch.next_offset() <= next_) continue;
    if (batch.is_control()) {
      next_ = batch.next_offset();
      continue;
    }
    check(!batch_->inside, "one partition at a time is inside of a batch");
    if (auto opened = batch_->records.open(batch, checks_.bytes_max()); !opened)
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
      Chunk& chunk = chunks_.front();
      size_t before = chunk.bytes();
      auto opened = open_next_batch(chunk);
      if (!opened && chunk.is_in_place() && opened.error().code == Errc::damaged) {
        // The broker knows what is damaged in its files: it is asked for the bytes, and tells. Behind a hole that compaction
        // left reading goes on in place.
        const auto behind_hole = chunk.behind_hole();
        if (behind_hole) inline_below_ = *behind_hole;
        else read_in_place = false;
        seek(next_);
        break;
      }
      if (!opened) return std::move(opened).error();
      bytes_left -= std::min(bytes_left, before - chunk.bytes());
      const Offset read_to = std::max(next_, chunk.at());
      if (!*opened && chunk.is_in_place() && read_to < chunk.end()) {
        // Fewer records lie there than its leader thinks. Asked for the bytes, it says what became of the rest.
        inline_below_ = chunk.end();
        seek(read_to);
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
