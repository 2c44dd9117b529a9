#include "cmd/broker/places.h"

#include "base/ids.h"
#include "cmd/output/output.h"
#include "home/broker_folders.h"
#include "os/posix/storage.h"

namespace bobbin::cmd {
namespace {

std::vector<BrokerId> brokers_of(const home::ClusterDir& dir) {
  os::PosixStorage storage;
  auto ids = home::brokers(storage, dir);
  return ids ? std::move(*ids) : std::vector<BrokerId>();
}

std::string names_of(const std::vector<BrokerId>& ids) {
  std::string out;
  for (size_t i = 0; i < ids.size(); i++)
    out += (i == 0 ? "" : i + 1 == ids.size() ? " and " : ", ") + to_string(ids[i]);
  return out;
}

void warn(const Arguments& arguments, const std::vector<BrokerId>& ids) {
  notice(arguments,
         "WARNING: brokers " + names_of(ids) + " are on one disk: copies that a topic has there are lost together");
}

}  // namespace

void warn_of_shared_disk(const Arguments& arguments, const home::ClusterDir& dir, BrokerId id) {
  for (const auto& group : home::on_one_device(home::devices(dir, brokers_of(dir))))
    if (holds(group, id)) warn(arguments, group);
}

void warn_of_shared_disks(const Arguments& arguments, const home::ClusterDir& dir) {
  const std::vector<BrokerId> ids = brokers_of(dir);
  auto is_elsewhere = [&](BrokerId id) { return home::folder_elsewhere(dir, id).has_value(); };
  if (std::none_of(ids.begin(), ids.end(), is_elsewhere)) return;
  for (const auto& group : home::on_one_device(home::devices(dir, ids))) warn(arguments, group);
}

}  // namespace bobbin::cmd
