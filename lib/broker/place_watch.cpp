#include "broker/place_watch.h"

#include <algorithm>

#include "cluster/young_logs.h"
#include "log/checkpoints.h"
#include "os/filesystem.h"

namespace bobbin::broker {

Status PlaceWatch::add(Result<int> watch, const std::string& path) {
  if (!watch) return std::move(watch).error();
  vital_.push_back({*watch, path});
  return {};
}

Status PlaceWatch::begin() {
  BOBBIN_TRY(add(watch_.directory(dir_.root), dir_.root));
  for (const std::string& folder : {dir_.metadata_dir(), dir_.broker_dir(id_)}) {
    BOBBIN_TRY(add(watch_.directory(folder), folder));
    if (auto held = os::hold_dir(folder)) held_.push_back(std::move(*held));
  }
  folder_watch_ = vital_.back().watch;
  return add(watch_.file(dir_.broker_lock(id_)), dir_.broker_lock(id_));
}

void PlaceWatch::keep_an_eye_on(const std::string& partition_folder) {
  if (large_.contains(partition_folder) || large_.size() >= watched_max) return;
  auto watch = watch_.directory(partition_folder);
  large_[partition_folder] = watch ? *watch : 0;
}

// A broker renames before it removes: segments to `.deleted`, folders of partitions to `-delete`.
bool PlaceWatch::is_ours_to_remove(const std::string& name) const {
  return name.ends_with(".tmp") || name.ends_with(".deleted") || name.ends_with(".snapshot") ||
         name.ends_with("-delete") || name == log::clean_shutdown_file || name == log::boot_id_file ||
         name == cluster::young_logs_file;
}

void PlaceWatch::socket_is_there() {
  socket_due_ms_.reset();
  looks_ = 0;
  auto socket = watch_.file(dir_.broker_socket(id_));
  if (socket) socket_watch_ = *socket;
  // The metadata's lock is made with the first transaction.
  bool known =
      std::any_of(vital_.begin(), vital_.end(), [&](const Vital& v) { return v.path == dir_.metadata_lock(); });
  if (!known) (void)add(watch_.file(dir_.metadata_lock()), dir_.metadata_lock());
}

bool PlaceWatch::is_whole() const {
  return going_.empty() && std::all_of(vital_.begin(), vital_.end(), [](const Vital& v) { return os::exists(v.path); });
}

Status PlaceWatch::check_whole() const {
  return is_whole() ? Status() : error(Errc::no_answer, "somebody is removing " + dir_.root);
}

void PlaceWatch::take(const os::Watch::Change& change, int64_t now_ms) {
  for (const Vital& vital : vital_) {
    bool is_gone = change.lost ? !os::exists(vital.path) : change.gone && change.id == vital.watch;
    if (is_gone && going_.empty()) going_ = vital.path + " is gone";
  }
  auto is_large = [&](const auto& folder) { return folder.second == change.id; };
  bool is_here = change.id == folder_watch_ || std::any_of(large_.begin(), large_.end(), is_large);
  if (change.removed && is_here && !is_ours_to_remove(change.name)) suspicious_until_ms_ = now_ms + suspicious_ms;
  if (change.gone) std::erase_if(large_, is_large);
  bool is_of_socket = socket_watch_ != 0 && (change.lost || change.id == socket_watch_);
  if (!is_of_socket) return;
  if (os::is_socket(dir_.broker_socket(id_))) {
    if (change.gone)
      socket_is_there();  // the one before it went, a dead broker's: told only now, and the watch is over
    return;
  }
  socket_watch_ = 0;
  look_again(now_ms);
}

void PlaceWatch::look_whether_there() {
  for (const Vital& vital : vital_)
    if (going_.empty() && !os::exists(vital.path)) going_ = vital.path + " is gone";
}

void PlaceWatch::look_again(int64_t now_ms) {
  stamp_ = os::folders_stamp(dir_.broker_dir(id_));
  socket_due_ms_ = now_ms + quiet_ms;
}

void PlaceWatch::socket_failed(int64_t now_ms) { socket_due_ms_ = now_ms + retry_ms; }

bool PlaceWatch::socket_may_return(int64_t now_ms) {
  bool is_quiet = os::folders_stamp(dir_.broker_dir(id_)) == stamp_;
  if (is_whole() && (is_quiet || ++looks_ >= looks_max)) return true;
  look_again(now_ms);
  return false;
}

}  // namespace bobbin::broker
