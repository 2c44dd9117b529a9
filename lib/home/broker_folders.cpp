#include "home/broker_folders.h"

#include <algorithm>

#include "os/filesystem.h"

namespace bobbin::home {

std::optional<std::string> folder_elsewhere(const ClusterDir& dir, BrokerId id) {
  return os::link_target(dir.broker_dir(id));
}

Status check_folder(const ClusterDir& dir, BrokerId id) {
  const std::string folder = dir.broker_dir(id);
  const auto target = folder_elsewhere(dir, id);
  if (!target) return {};
  const std::string anew =
      " If it is lost, `bobbin broker add " + to_string(id) + " --data DIR --replace` begins anew on another disk";
  auto real = os::real_path(folder);
  if (!real && real.error().code == Errc::not_found)
    return error(Errc::io_error, "its folder " + *target + " is not there (" + folder +
                                     " is a symbolic link to it): is the disk mounted?" + anew);
  if (!real) return std::move(real).error();
  BOBBIN_TRY(os::resolved_dir(folder));
  if (os::exists(folder + "/meta.properties")) return {};
  return error(Errc::io_error, "its folder " + *target +
                                   " has no meta.properties, so it is not the one that the broker "
                                   "had: is the right disk mounted there?" +
                                   anew);
}

namespace {

bool holds_put_aside(os::Storage& storage, const std::string& folder) {
  auto names = storage.list(folder);
  return names && std::any_of(names->begin(), names->end(), [](const std::string& name) {
           return name.ends_with("-stray") || name.ends_with("-damaged");
         });
}

Result<std::string> free_name(os::Storage& storage, const std::string& wanted) {
  constexpr int tries = 1000;
  for (int i = 0; i < tries; i++)
    if (std::string name = wanted + (i ? "-" + std::to_string(i) : ""); !storage.stat(name)) return name;
  return error(Errc::busy, wanted + " and " + std::to_string(tries) + " like it are there already");
}

Status unlink_if_there(os::Storage& storage, const std::string& path) {
  Status gone = storage.unlink(path);
  return gone || gone.error().code == Errc::not_found ? Status() : gone;
}

}  // namespace

Result<std::optional<std::string>> remove_traces(os::Storage& storage, const ClusterDir& dir, BrokerId id) {
  const std::string folder = dir.broker_dir(id);
  const auto elsewhere = folder_elsewhere(dir, id);
  const bool is_kept = holds_put_aside(storage, elsewhere.value_or(folder));
  std::optional<std::string> kept;
  if (elsewhere) {
    if (is_kept) kept = *elsewhere;
    else if (Status gone = os::remove_tree(storage, *elsewhere); !gone && gone.error().code != Errc::not_found)
      return gone.error();
    BOBBIN_TRY(unlink_if_there(storage, folder));
  } else if (is_kept) {
    BOBBIN_TRY_ASSIGN(name, free_name(storage, dir.root + "/removed-broker-" + to_string(id)));
    BOBBIN_TRY(storage.rename(folder, name));
    kept = name;
  } else if (Status gone = os::remove_tree(storage, folder); !gone && gone.error().code != Errc::not_found) {
    return gone.error();
  }
  for (const std::string& path : {dir.broker_socket(id), dir.broker_log(id), dir.broker_facts(id)})
    BOBBIN_TRY(unlink_if_there(storage, path));
  BOBBIN_TRY_ASSIGN(order, read_stop_order(storage, dir));
  if (std::erase(order.ids, id) > 0) BOBBIN_TRY(write_stop_order(storage, dir, order));
  BOBBIN_TRY(storage.sync_dir(dir.root));
  return kept;
}

std::map<BrokerId, uint64_t> devices(const ClusterDir& dir, const std::vector<BrokerId>& ids) {
  std::map<BrokerId, uint64_t> found;
  for (BrokerId id : ids)
    if (auto device =
            os::device_of(folder_elsewhere(dir, id) || os::exists(dir.broker_dir(id)) ? dir.broker_dir(id) : dir.root))
      found[id] = *device;
  return found;
}

std::vector<std::vector<BrokerId>> on_one_device(const std::map<BrokerId, uint64_t>& devices) {
  std::map<uint64_t, std::vector<BrokerId>> by_device;
  for (const auto& [id, device] : devices) by_device[device].push_back(id);
  std::vector<std::vector<BrokerId>> groups;
  for (auto& [device, ids] : by_device)
    if (ids.size() > 1) groups.push_back(std::move(ids));
  std::sort(groups.begin(), groups.end());
  return groups;
}

}  // namespace bobbin::home
