// PartitionReader: what a consumer knows of one partition: where it stands, where it stops, and the batches that have
// arrived (chunk.h) and were not handed over yet. Knows batches and offsets, and nothing of connections.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/id.h"
#include "base/result.h"
#include "client/consumer/batch_checks.h"
#include "client/consumer/chunk.h"
#include "client/consumer/leader_wait.h"
#include "log/segment_view.h"
#include "record/batch.h"
#include "region/region.h"

namespace bobbin::client {

class Sink;

class PartitionReader {
 public:
  // Fetched bytes are handed over in chunks; two may wait, so that one is under way while the other is read.
  static constexpr size_t chunks_max = 2;

  // What reads the records of one batch. All partitions of a consumer share one, as at most one of them is inside of a batch
  // at a time: a thousand would each keep the memory that their largest batch took.
  struct BatchReader {
    record::RecordReader records;
    const PartitionReader* inside = nullptr;
  };

  // The topic's id is zero where the cluster is too old to have ids.
  PartitionReader(std::string topic, TopicId topic_id, PartitionId partition, size_t batch_bytes_max,
                  std::shared_ptr<BatchReader> batch = std::make_shared<BatchReader>())
      : topic_(std::move(topic)), topic_id_(topic_id), partition_(partition),
        checks_(topic_ + "-" + to_string(partition), batch_bytes_max), batch_(std::move(batch)) {}
  ~PartitionReader() { leave_batch(); }
  PartitionReader(const PartitionReader&) = delete;
  PartitionReader& operator=(const PartitionReader&) = delete;

  const std::string& topic() const { return topic_; }
  const TopicId& topic_id() const { return topic_id_; }
  PartitionId partition() const { return partition_; }
  const std::string& name() const { return checks_.name(); }

  // --- where ---
  void seek(Offset next);
  void set_stop(std::optional<Offset> stop) { stop_ = stop; }
  Offset next() const { return next_; }  // of the record that is handed over next
  Offset fetch_offset() const { return fetch_next_; }
  std::optional<Offset> stop() const { return stop_; }
  bool is_done() const { return stop_ && next_ >= *stop_ && !is_in_batch(); }
  bool is_fetched() const { return failed_ || (stop_ && fetch_next_ >= *stop_); }

  // --- what arrived ---
  bool has_records() const { return !chunks_.empty(); }
  bool has_room() const { return chunks_.size() < chunks_max; }
  // Batches as the broker sent them, from fetch_offset() on; a torn one at the end is left out, and so is all of it if
  // nothing lies behind fetch_offset(). `owner` keeps them. What is wrong with one is told by deliver(), behind the records
  // before it: damaged (a crc), unsupported_for_message_format, message_too_large.
  void take(std::shared_ptr<const void> owner, Bytes batches);
  // Whole batches that lie in the leader's file, from fetch_offset() up to `next`. Nothing in them is believed before it
  // is read: one that is damaged turns read_in_place off, and everything from next() on is to be fetched once more.
  void take_in_place(std::shared_ptr<const log::SegmentView> view, Bytes batches, Offset next);
  // The file that was read last, as the next place is likely in it.
  const std::shared_ptr<const log::SegmentView>& view() const { return view_; }
  // Nothing further can be had: deliver() tells it, behind what arrived before.
  void fail(Error why) { failed_ = std::move(why); }
  // The broker sent something, but not one whole batch: the next Fetch has to ask for more bytes.
  int32_t fetch_bytes(int32_t usual) const { return std::max(usual, fetch_bytes_min_); }

  // --- without asking ---
  // Where the partition goes on behind fetch_offset(), and where its leader shows how far.
  struct Tail {
    BrokerId leader;
    std::shared_ptr<const region::RegionView> region;
    uint64_t slot = 0;
    uint64_t generation = 0;
    Offset segment;
    uint64_t position = 0;
    uint64_t capacity = 0;
    std::shared_ptr<const log::SegmentView> view = {};  // of the segment, once it was needed
  };
  const std::optional<Tail>& tail() const { return tail_; }
  Tail take_tail() { return *std::exchange(tail_, std::nullopt); }  // there must be one
  void set_tail(std::optional<Tail> tail) { tail_ = std::move(tail); }

  // Hands over records in order until a chunk or slice_bytes were read, the stop is reached or the sink has enough (`paused`).
  // Returns how many.
  Result<size_t> deliver(Sink& sink, bool& paused);

  // --- what is known of its leader ---
  Offset high_watermark = offset_none;
  LeaderWait wait;
  bool from_beginning =
      false;  // nothing was read yet and no offset was asked for: out of range means from what is left
  bool out_of_range = false;
  bool read_in_place = true;                                                          // a place may be asked for ...
  bool wants_place() const { return read_in_place && fetch_next_ >= inline_below_; }  // ... now
  int places_gone = 0;  // files that were not where the leader said, one after the other

 private:
  static constexpr size_t slice_bytes = 1 << 20;

  Result<bool> open_next_batch(Chunk& chunk);
  bool is_in_batch() const { return batch_->inside == this; }
  void leave_batch() {
    if (is_in_batch()) batch_->inside = nullptr;
  }
  Result<size_t> offer_batch(Sink& sink, bool& paused);

  std::string topic_;
  TopicId topic_id_;
  PartitionId partition_;
  BatchChecks checks_;
  Offset next_{0};
  Offset fetch_next_{0};
  std::optional<Offset> stop_;
  std::deque<Chunk> chunks_;
  std::shared_ptr<const log::SegmentView> view_;
  std::optional<Tail> tail_;
  Offset inline_below_{0};  // the end of a place that had a hole
  std::shared_ptr<BatchReader> batch_;
  Offset batch_start_{0};  // of the batch that it is in
  Offset batch_end_{0};    // next offset behind it
  Offset batch_from_{0};   // where in it reading began
  int32_t fetch_bytes_min_ = 0;
  std::optional<Error> failed_;
};

}  // namespace bobbin::client
