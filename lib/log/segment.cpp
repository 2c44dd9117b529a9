#include "log/segment.h"

namespace bobbin::log {

Segment::Segment(Files& files, const std::string& dir, Offset base)
    : base_(base), file_(files, dir + "/" + offset_name(base, ".log")), indexes_(files, dir, base) {}

Result<std::unique_ptr<Segment>> Segment::create(Files& files, const std::string& dir, Offset base, Timestamp now) {
  std::unique_ptr<Segment> segment(new Segment(files, dir, base));
  auto make = [&]() -> Status {
    BOBBIN_TRY(segment->file_.create(now));
    return segment->indexes_.create();
  };
  if (Status made = make(); !made) {
    if (made.error().code != Errc::damaged)
      for (const std::string& path : segment->paths()) {
        files.forget(path);
        (void)files.storage().unlink(path);  // maybe never made
      }
    return std::move(made).error();
  }
  return segment;
}

Result<std::unique_ptr<Segment>> Segment::adopt(Files& files, const std::string& dir, Offset base) {
  std::unique_ptr<Segment> segment(new Segment(files, dir, base));
  BOBBIN_TRY(segment->file_.adopt());
  return segment;
}

void Segment::use(Files& files) {
  file_.use(files);
  indexes_.use(files);
}

std::vector<std::string> Segment::paths() const {
  std::vector<std::string> all = indexes_.paths();
  all.insert(all.begin(), path());
  return all;
}

// --- writing

Status Segment::append(std::span<const Bytes> parts, const BatchFacts& batch, int64_t index_interval_bytes) {
  const uint64_t position = bytes();
  BOBBIN_TRY(file_.append(parts, batch.bytes));
  index(batch, position, index_interval_bytes);
  if (position == 0) first_timestamp_ = batch.max_timestamp;
  return {};
}

void Segment::index(const BatchFacts& batch, uint64_t position, int64_t index_interval_bytes) {
  indexes_.add(batch, position, index_interval_bytes);
}

Status Segment::truncate(uint64_t position, Offset offset) {
  BOBBIN_TRY(file());  // or nothing is cut
  noted_ = {};
  found_ = {};
  // Whoever dies between leaves indexes that tell of less, not of more (evidence.h).
  BOBBIN_TRY(indexes_.truncate(offset));
  BOBBIN_TRY(file_.truncate(position));
  if (position == 0) first_timestamp_.reset();
  return indexes_.follow_cut(batches(offset));
}

// --- finding

Result<bool> Segment::ready(int64_t index_interval_bytes, Offset limit) {
  if (indexes_.is_ready()) return false;
  return indexes_.ready(batches(limit), index_interval_bytes);
}

Result<Segment::Resume> Segment::resume_indexes(Offset below, Offset limit) {
  BOBBIN_TRY_ASSIGN(from, indexes_.resume(below, batches(limit)));
  indexes_.note_ready();
  return from;
}

Result<Segment::Located> Segment::locate(Offset offset, Offset limit, bool verify) {
  const SegmentBatches in = batches(limit);
  BOBBIN_TRY(indexes_.ready(in));
  if (!verify)
    for (const auto& batch : found_)
      if (batch && batch->view().base_offset() <= offset && offset <= batch->view().last_offset())
        return Located{batch, {}};
  if (verify || noted_.offset != offset) {
    BOBBIN_TRY_ASSIGN(start, verify ? indexes_.start_for(offset, in) : indexes_.close_start_for(offset, in));
    return look_for(offset, start, in, verify);
  }
  return look_for(offset, {noted_.position, offset, true}, in, verify);
}

Result<Segment::Located> Segment::look_for(Offset offset, const Resume& start, const SegmentBatches& in, bool verify) {
  BOBBIN_TRY_ASSIGN(log, file());
  HeaderWalk walk(*log, in.from(start.position, start.offset));
  Located found;
  bool bad = false;
  const SegmentBatches::Bad note = [&](uint64_t, Offset expected) {
    bad = true;
    if (verify && !found.damage_from) found.damage_from = expected;
    return verify;
  };
  for (;;) {
    if (verify) found.damage_from.reset();
    BOBBIN_TRY_ASSIGN(batch, in.next_sound(walk, note, verify));
    // The place is bad, or a header before it lied: only checksums tell.
    if (!verify && bad) return locate(offset, in.limit(), true);
    if (!batch) return found;
    if (batch->view().last_offset() < offset) continue;
    found.batch = batch;
    if (!verify) found_[found_last_ ^= 1] = batch;
    return found;
  }
}

Result<uint64_t> Segment::position_of(Offset offset, Offset limit) {
  BOBBIN_TRY_ASSIGN(found, locate(offset, limit));
  return found.batch ? found.batch->position : bytes();
}

Result<Timestamp> Segment::first_timestamp(Offset limit) {
  if (!first_timestamp_) {
    BOBBIN_TRY_ASSIGN(batch, batches(limit).at(0));
    if (!batch) return timestamp_none;
    first_timestamp_ = batch->view().max_timestamp();
  }
  return *first_timestamp_;
}

}  // namespace bobbin::log
