#include "log/segment_view.h"

#include "log/checkpoints.h"
#include "log/segment.h"

namespace bobbin::log {

Result<uint64_t> SegmentView::file_bytes(os::Storage& storage) const {
  const std::string path = dir_ + "/" + offset_name(base_, ".log");
  BOBBIN_TRY_ASSIGN(file, storage.stat(path));
  // After its size: one that takes its place in between is seen.
  if (os::file_id(path) != mapping_.file()) return error(Errc::misplaced, path + ": is another file by now");
  return file.size;
}

Result<std::shared_ptr<const SegmentView>> SegmentView::open(os::Storage& storage, const std::string& dir,
                                                             const Which& which) {
  std::string path = dir + "/" + offset_name(which.base, ".log");
  BOBBIN_TRY_ASSIGN(file, storage.stat(path));
  if (file.size < which.end) return error(Errc::damaged, path + ": is shorter than its broker says");
  BOBBIN_TRY_ASSIGN(mapping, os::Mapping::open(path, which.capacity));
  mapping.advise_random();
  if (which.wanted_from < which.wanted_to && which.wanted_to <= which.end)
    os::will_need(mapping.bytes().substr(which.wanted_from, which.wanted_to - which.wanted_from));
  // The folder is asked last whose it is: a topic that was deleted and made anew has its folder under the same name,
  // and once the new one is there the old one never comes back.
  BOBBIN_TRY_ASSIGN(owner, owner_of(storage, dir));
  if (owner != which.topic) return error(Errc::not_found, dir + ": belongs to another topic by now");
  return std::shared_ptr<const SegmentView>(new SegmentView(dir, which.base, std::move(mapping)));
}

std::optional<SegmentView::Stretch> SegmentView::batches(uint64_t from, Offset next, Offset below, size_t bytes_max,
                                                         uint64_t file_bytes) const {
  Stretch stretch{from, next};
  Bytes file = mapping_.bytes().substr(0, file_bytes);
  while (stretch.next_offset < below && stretch.end - from < bytes_max) {
    if (stretch.end >= file.size() || file.size() - stretch.end < record::batch_header_bytes) return std::nullopt;
    Bytes rest = file.substr(stretch.end);
    record::BatchView batch(rest);
    auto size = record::batch_size(rest);
    bool fits = size && *size >= record::batch_header_bytes && *size <= rest.size() &&
                batch.base_offset() == stretch.next_offset && batch.last_offset_delta() >= 0 &&
                batch.next_offset() <= below;
    if (!fits) return std::nullopt;
    stretch.end += *size;
    stretch.next_offset = batch.next_offset();
  }
  return stretch;
}

}  // namespace bobbin::log
