#include "os/watch.h"

#include <limits.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "os/errors.h"
#include "os/filesystem.h"
#include "os/path.h"

namespace bobbin::os {

namespace {

constexpr uint32_t gone_self = IN_DELETE_SELF | IN_MOVE_SELF;
constexpr uint32_t gone_below = IN_DELETE | IN_MOVED_FROM;

// One inode has one watch in an inotify: a further one adds to what it tells.
Result<int> watch(int fd, const std::string& path, uint32_t mask) {
  int wd = ::inotify_add_watch(fd, path.c_str(), mask | IN_MASK_ADD | IN_EXCL_UNLINK);
  if (wd >= 0) return wd;
  if (errno == ENOSPC) {
    return error(Errc::io_error, path + ": too many inotify watches (raise fs.inotify.max_user_watches)");
  }
  return system_error(path);
}

}  // namespace

Result<Watch> Watch::open() {
  Fd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd.is_open()) return system_error("inotify (raise fs.inotify.max_user_instances)");
  return Watch(std::move(fd));
}

Result<int> Watch::file(const std::string& path) { return add(path, false); }

Result<int> Watch::directory(const std::string& path) { return add(path, true); }

Result<int> Watch::add(const std::string& given, bool is_dir) {
  BOBBIN_TRY_ASSIGN(path, real_path(given));
  uint32_t mask = is_dir ? IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR : IN_MODIFY;
  BOBBIN_TRY_ASSIGN(own, watch(fd_.value(), path, mask | gone_self));
  Entry entry{last_id_ + 1, is_dir, own, -1, {}};
  if (path != "/") {
    // Where the directory above may not be read its events are missed: what is left is better than a refusal.
    auto parent = watch(fd_.value(), parent_of(path), gone_below | IN_ONLYDIR);
    if (parent) {
      entry.parent = *parent;
      entry.name = name_in(path);
    }
  }
  entries_.push_back(std::move(entry));
  return ++last_id_;
}

void Watch::forget(int id) {
  auto it = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.id == id; });
  if (it == entries_.end()) return;
  Entry gone = std::move(*it);
  entries_.erase(it);
  for (int wd : {gone.own, gone.parent}) {
    bool used =
        std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.own == wd || e.parent == wd; });
    if (wd >= 0 && !used) ::inotify_rm_watch(fd_.value(), wd);
  }
}

void Watch::tell(int wd, unsigned mask, const std::string& name, std::vector<Change>& out) {
  std::vector<int> ended;
  for (const Entry& e : entries_) {
    Change change;
    change.id = e.id;
    if (e.own == wd) {
      change.modified = !e.is_dir && (mask & IN_MODIFY) != 0;
      change.created = e.is_dir && (mask & (IN_CREATE | IN_MOVED_TO)) != 0;
      change.gone = (mask & (gone_self | IN_UNMOUNT)) != 0;
      change.removed = e.is_dir && (mask & IN_DELETE) != 0;
      if (change.created || change.removed) change.name = name;
    }
    if (e.parent == wd && e.name == name) change.gone |= (mask & gone_below) != 0;
    if (change.gone) ended.push_back(e.id);
    if (change.modified || change.created || change.removed || change.gone) out.push_back(std::move(change));
  }
  for (int id : ended) forget(id);
}

std::vector<Watch::Change> Watch::changes() {
  std::vector<Change> out;
  alignas(inotify_event) char buffer[16 << 10];
  for (;;) {
    ssize_t n = ::read(fd_.value(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return out;
    for (size_t at = 0; at < static_cast<size_t>(n);) {
      inotify_event event;
      std::memcpy(&event, buffer + at, sizeof event);
      std::string name = event.len > 0 ? std::string(buffer + at + sizeof event) : std::string();
      at += sizeof event + event.len;
      if (event.mask & IN_Q_OVERFLOW) {
        out.push_back(Change{.lost = true, .name = {}});
      } else {
        tell(event.wd, event.mask, name, out);
      }
    }
  }
}

}  // namespace bobbin::os
