#include "log/files.h"

namespace bobbin::log {

Result<std::shared_ptr<os::File>> Files::open(const std::string& path, os::Open how) {
  if (auto found = by_path_.find(path); found != by_path_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->file;
  }
  BOBBIN_TRY_ASSIGN(file, open_unkept(path, how));
  if (recent_.size() >= open_max_) close_oldest();
  recent_.push_front({path, std::move(file)});
  by_path_[path] = recent_.begin();
  return recent_.front().file;
}

Result<std::shared_ptr<os::File>> Files::open_unkept(const std::string& path, os::Open how) {
  auto opened = storage_.open(path, how);
  if (!opened && opened.error().code == Errc::busy && how != os::Open::create_new && !recent_.empty()) {
    close_idle();  // the process has no descriptor left
    opened = storage_.open(path, how);
  }
  if (!opened) return std::move(opened).error();
  ++*alive_;
  return std::shared_ptr<os::File>(opened->release(), [alive = alive_](os::File* file) {
    delete file;
    --*alive;
  });
}

bool Files::has_room() {
  while (*alive_ >= alive_max_ && !recent_.empty()) close_oldest();
  was_short_ = was_short_ || *alive_ >= alive_max_;
  return *alive_ < alive_max_;
}

void Files::close_idle() {
  while (!recent_.empty()) close_oldest();
}

void Files::close_oldest() {
  by_path_.erase(recent_.back().path);
  recent_.pop_back();
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
