#include "log/files.h"

namespace bobbin::log {

Result<std::shared_ptr<os::File>> Files::open(const std::string& path, os::Open how) {
  if (auto found = by_path_.find(path); found != by_path_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->file;
  }
  BOBBIN_TRY_ASSIGN(opened, storage_.open(path, how));
  if (recent_.size() >= open_max_) {
    by_path_.erase(recent_.back().path);
    recent_.pop_back();
  }
  recent_.push_front({path, std::shared_ptr<os::File>(std::move(opened))});
  by_path_[path] = recent_.begin();
  return recent_.front().file;
}

void Files::forget(const std::string& path) {
  auto found = by_path_.find(path);
  if (found == by_path_.end()) return;
  recent_.erase(found->second);
  by_path_.erase(found);
}

void Files::forget_below(const std::string& dir) {
  std::string prefix = dir + "/";
  for (auto it = recent_.begin(); it != recent_.end();) {
    if (!it->path.starts_with(prefix)) {
      ++it;
      continue;
    }
    by_path_.erase(it->path);
    it = recent_.erase(it);
  }
}

}  // namespace bobbin::log
