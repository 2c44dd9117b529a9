#include "log/other_log.h"

#include <algorithm>

#include "base/offset_name.h"
#include "log/checkpoints.h"
#include "record/batch.h"

namespace bobbin::log {

namespace {

// Nobody holds the folder still: its owner is asked last, as in SegmentView::open().
Status check_owner(os::Storage& storage, const std::string& dir, const TopicId& topic) {
  BOBBIN_TRY_ASSIGN(owner, owner_of(storage, dir));
  return owner == topic ? Status() : error(Errc::not_found, dir + ": belongs to another topic");
}

}  // namespace

Result<OtherLog> OtherLog::look(Files& files, const Which& which) {
  OtherLog log(which);
  BOBBIN_TRY(log.adopt(files));
  if (log.parts_.empty()) return error(Errc::not_found, which.dir + ": has no segments");
  BOBBIN_TRY(log.drop_behind_hole(which.sure_below));
  BOBBIN_TRY(log.find_end(which.sure_below));
  BOBBIN_TRY(check_owner(files.storage(), which.dir, which.topic));
  return log;
}

Status OtherLog::adopt(Files& files) {
  BOBBIN_TRY_ASSIGN(names, files.storage().list(dir_));
  for (const std::string& name : names) {
    const auto base = parse_offset_name(name, ".log");
    if (!base || *base > record::log_end_max) continue;
    Part part{*base, SegmentFile(files, dir_ + "/" + name),
              OffsetIndex(files, dir_ + "/" + offset_name(*base, ".index"), *base)};
    BOBBIN_TRY(part.file.adopt());
    parts_.push_back(std::move(part));
  }
  std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.base < b.base; });
  return {};
}

// Without one, batches are looked for from the beginning.
OffsetIndex& OtherLog::index(size_t i) {
  if (!std::exchange(parts_[i].knows_index, true)) (void)parts_[i].index.file().load();
  return parts_[i].index;
}

size_t OtherLog::part_with(Offset offset) const {
  size_t i = parts_.size() - 1;
  while (i > 0 && parts_[i].base > offset) i--;
  return i;
}

Status OtherLog::each(size_t i, Offset from, const Visit& visit) {
  const Part& part = parts_[i];
  const SegmentBatches in({part.file, index(i), part.base, dense_}, limit(i));
  uint64_t position = 0;
  if (auto entry = part.index.floor(from); entry && *entry) {
    BOBBIN_TRY_ASSIGN(good, in.is_true(**entry));
    if (good) position = (*entry)->position;
  }
  auto see = [&](const BatchAt& batch) -> Result<bool> {
    return batch.view().last_offset() < from ? Result<bool>(true) : visit(batch);
  };
  return in.each(position, part.base, see, false, [](uint64_t, Offset) { return false; });
}

// Behind the last sound batch of a segment; without one its base, and no epoch.
Result<EpochEnd> OtherLog::end_of_part(size_t i, Offset sure_below) {
  EpochEnd end{leader_epoch_none, parts_[i].base};
  if (parts_[i].file.bytes() == 0) return end;
  BOBBIN_TRY_ASSIGN(file, parts_[i].file.open());
  auto last = index(i).last();
  const Offset from = last && *last ? (*last)->last_offset : parts_[i].base;
  BOBBIN_TRY(each(i, from, [&](const BatchAt& batch) -> Result<bool> {
    if (batch.view().next_offset() > sure_below) {
      BOBBIN_TRY_ASSIGN(sound, crc_is_valid(*file, batch));
      if (!sound) return false;
    }
    end = {batch.view().leader_epoch(), batch.view().next_offset()};
    return true;
  }));
  return end;
}

// A power cut may leave a segment without its records, and the next one with them. What lies below `sure_below` nobody
// asks for.
Status OtherLog::drop_behind_hole(Offset sure_below) {
  if (!dense_) return {};
  for (size_t i = part_with(sure_below); i + 1 < parts_.size(); i++) {
    BOBBIN_TRY_ASSIGN(end, end_of_part(i, sure_below));
    if (end.end == parts_[i + 1].base) continue;
    parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(i) + 1, parts_.end());
    return {};
  }
  return {};
}

Status OtherLog::find_end(Offset sure_below) {
  for (size_t i = parts_.size(); i-- > 0 && last_epoch_ == leader_epoch_none;) {
    BOBBIN_TRY_ASSIGN(end, end_of_part(i, sure_below));
    end_ = end.end;
    last_epoch_ = end.epoch;
  }
  return {};
}

Result<std::optional<LeaderEpoch>> OtherLog::epoch_at(Offset offset) {
  std::optional<LeaderEpoch> found;
  if (offset < start() || offset >= end_) return found;
  BOBBIN_TRY(each(part_with(offset), offset, [&](const BatchAt& batch) -> Result<bool> {
    if (batch.view().base_offset() <= offset) found = batch.view().leader_epoch();
    return false;
  }));
  return found;
}

Result<EpochEnd> OtherLog::end_of(LeaderEpoch epoch) {
  if (last_epoch_ <= epoch) return EpochEnd{last_epoch_, end_};
  EpochEnd found{leader_epoch_none, start()};
  // From the newest segment back to the first that has a record of such an epoch, then behind the last of them.
  for (size_t i = parts_.size(); i-- > 0 && found.epoch == leader_epoch_none;) {
    BOBBIN_TRY(each(i, parts_[i].base, [&](const BatchAt& batch) -> Result<bool> {
      if (batch.view().leader_epoch() > epoch) return false;
      found = {batch.view().leader_epoch(), batch.view().next_offset()};
      return true;
    }));
  }
  return found;
}

Result<std::string> OtherLog::read(Offset from, size_t bytes_max) {
  std::string out;
  if (from >= end_) return out;
  for (size_t i = part_with(from); i < parts_.size() && out.empty(); i++) {
    BOBBIN_TRY_ASSIGN(file, parts_[i].file.open());
    BOBBIN_TRY(each(i, std::max(from, parts_[i].base), [&](const BatchAt& batch) -> Result<bool> {
      const bool fits = out.empty() || out.size() + batch.bytes <= bytes_max;
      if (!fits || batch.view().base_offset() < from || batch.view().next_offset() > end_) return false;
      BOBBIN_TRY_ASSIGN(sound, crc_is_valid(*file, batch));
      if (!sound) return false;
      const size_t before = out.size();
      out.resize(before + batch.bytes);
      BOBBIN_TRY_ASSIGN(got, file->read(std::span<char>(out.data() + before, batch.bytes), batch.position));
      if (got == batch.bytes && record::BatchView(Bytes(out).substr(before)).crc_is_valid()) return true;
      out.resize(before);  // cut meanwhile
      return false;
    }));
  }
  return out;
}

}  // namespace bobbin::log
