// PlaceWatch: whether the cluster's directory is still the broker's place, and its socket in it. The kernel tells
// (inotify); nothing is looked at again and again.
//
// The directory is going when one of those that nobody ever deletes vanishes: the directory, the metadata's folder, the
// broker's own, and the locks in them, without which a second broker could be let in. Somebody removes all of it (rm -rf)
// or moves it away. Then the broker ends and puts no new name anywhere, or the remover would find a directory that is not
// empty.
//
// Removing takes time where there is much: from the first file of ours that somebody else deletes until nothing vanished for
// a while, no new name is made either (what would need one is told that it has to wait).
//
// Where the broker's folder is on another disk, that may be unmounted below it. The kernel's list of mounts tells; then it is looked
// whether the lock is still there.
//
// A socket may vanish alone: cleaners of /tmp take those that nobody touched for days. It is to be made anew, once nothing
// else goes for a moment, for it may be the first that a remover takes.
//
// Owned and used by the deciding thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "home/cluster_dir.h"
#include "os/fd.h"
#include "os/watch.h"

namespace bobbin::broker {

class PlaceWatch {
 public:
  PlaceWatch(os::Watch& watch, const home::ClusterDir& dir, BrokerId id) : watch_(watch), dir_(dir), id_(id) {}

  // The folders and the broker's lock are there. They are held (flock), which cleaners of old files respect.
  Status begin();
  // From now on the socket's name is watched, and what lies beside it by now.
  void socket_is_there();

  // What is in this folder takes long to remove.
  void keep_an_eye_on(const std::string& partition_folder);

  void take(const os::Watch::Change& change, int64_t now_ms);
  // Something was mounted or unmounted.
  void look_whether_there();
  // Why the broker must end; empty: it need not.
  const std::string& going() const { return going_; }
  // Whether a new name may be put there.
  bool is_whole() const;
  Status check_whole() const;  // Errc::no_answer: it may not

  // Whether somebody seems to remove the directory; until when that is thought, if nothing else vanishes.
  bool is_suspicious(int64_t now_ms) const { return suspicious_until_ms_ && now_ms < *suspicious_until_ms_; }
  std::optional<int64_t> suspicious_until_ms() const { return suspicious_until_ms_; }

  // When it is to be asked whether the socket is to be made anew; nothing: not at all.
  std::optional<int64_t> socket_due_ms() const { return socket_due_ms_; }
  // The time has come: true once nothing else vanishes.
  bool socket_may_return(int64_t now_ms);
  // It could not be made: later again.
  void socket_failed(int64_t now_ms);

 private:
  struct Vital {
    int watch;
    std::string path;
  };
  Status add(Result<int> watch, const std::string& path);
  void look_again(int64_t now_ms);

  bool is_ours_to_remove(const std::string& name) const;

  static constexpr int64_t quiet_ms = 900;
  static constexpr int64_t suspicious_ms = 700;  // rm -rf pauses longer only in what is large, which is watched
  static constexpr size_t watched_max = 256;
  static constexpr int64_t retry_ms = 5000;
  static constexpr int looks_max = 20;  // a broker that makes and removes files all the time is never quiet

  os::Watch& watch_;
  home::ClusterDir dir_;
  BrokerId id_;
  std::vector<Vital> vital_;
  std::vector<os::Fd> held_;
  std::string going_;
  std::map<std::string, int> large_;  // watched folders of partitions
  int folder_watch_ = 0;
  std::optional<int64_t> suspicious_until_ms_;
  int socket_watch_ = 0;
  std::optional<int64_t> socket_due_ms_;
  uint64_t stamp_ = 0;  // of the folders at the last look
  int looks_ = 0;
};

}  // namespace bobbin::broker
