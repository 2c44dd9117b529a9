#include "log/segment_view.h"

#include "log/checkpoints.h"
#include "log/segment.h"

namespace bobbin::log {

Result<std::shared_ptr<const SegmentView>> SegmentView::open(os::Storage& storage, const std::string& dir, TopicId topic, Offset base,
                                                             uint64_t capacity) {
  BOBBIN_TRY_ASSIGN(mapping, os::Mapping::open(dir + "/" + offset_name(base, ".log"), capacity));
  // The folder is asked last whose it is: a topic that was deleted and made anew has its folder under the same name, and
  // once the new one is there the old one never comes back.
  BOBBIN_TRY_ASSIGN(text, os::read_whole_file(storage, dir + "/" + std::string(partition_metadata_file)));
  BOBBIN_TRY_ASSIGN(owner, parse_partition_metadata(text));
  if (owner != topic) return error(Errc::not_found, dir + ": belongs to another topic by now");
  return std::shared_ptr<const SegmentView>(new SegmentView(base, std::move(mapping)));
}

}  // namespace bobbin::log
