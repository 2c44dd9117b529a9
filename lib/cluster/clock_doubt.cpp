#include "cluster/clock_doubt.h"

#include "log/checkpoints.h"

namespace bobbin::cluster {

std::optional<Timestamp> last_written_in(os::Storage& storage, const std::string& folder) {
  std::optional<Timestamp> newest;
  auto names = storage.list(folder);
  if (!names) return newest;
  for (const std::string& name : *names) {
    if (log::parse_dir_name(name)) continue;  // there may be many, and they are directories
    auto stat = storage.stat(folder + "/" + name);
    if (stat && !stat->is_dir && !stat->is_other && (!newest || stat->modified > *newest)) newest = stat->modified;
  }
  return newest;
}

}  // namespace bobbin::cluster
