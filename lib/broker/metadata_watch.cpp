#include "broker/metadata_watch.h"

namespace bobbin::broker {

Status MetadataWatch::begin() {
  BOBBIN_TRY_ASSIGN(folder, watch_.directory(dir_));
  folder_id_ = folder;
  follow_newest();
  return {};
}

bool MetadataWatch::take(const os::Watch::Change& change) {
  if (change.gone && change.id == folder_id_) is_gone_ = true;
  return change.lost || change.id == folder_id_ || change.id == file_id_;
}

void MetadataWatch::follow_newest() {
  auto names = storage_.list(dir_);
  if (!names) return;
  std::string newest;
  for (const std::string& name : *names)
    if (name.ends_with(".log")) newest = name;  // sorted, and named by their first offset
  if (newest.empty() || newest == newest_) return;
  auto id = watch_.file(dir_ + "/" + newest);
  if (!id) return;
  if (file_id_ != 0) watch_.forget(file_id_);
  file_id_ = *id;
  newest_ = newest;
}

}  // namespace bobbin::broker
