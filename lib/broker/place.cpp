#include "broker/place.h"

#include "os/filesystem.h"

namespace bobbin::broker {

namespace {

// Asked by whichever thread makes a name.
struct MayMake {
  std::vector<std::string> vital, while_starting, once;
  const std::atomic<bool>& starts;

  bool operator()(const std::string& path) const {
    auto are_there = [](const auto& paths) { return std::all_of(paths.begin(), paths.end(), os::exists); };
    return are_there(vital) && (!starts || are_there(while_starting)) &&
           std::find(once.begin(), once.end(), path) == once.end();
  }
};

}  // namespace

Result<std::unique_ptr<os::Lock>> take_place(os::PosixStorage& storage, const Place& place) {
  const auto& [dir, id, again, starts] = place;
  BOBBIN_TRY(home::cluster_id(storage, dir));
  storage.refuse_new_names(again);
  BOBBIN_TRY(storage.make_dir(dir.broker_dir(id)));
  auto lock = storage.try_lock(dir.broker_lock(id));
  if (!lock && lock.error().code == Errc::busy)
    return error(Errc::busy, "broker " + to_string(id) + " is running already");
  if (!lock) return std::move(lock).error();
  BOBBIN_TRY(storage.make_dir(dir.metadata_log_dir()));
  storage.refuse_new_names(false);
  MayMake may{{dir.broker_lock(id), dir.metadata_dir()}, {}, {}, starts};
  if (again) {
    may.once = {dir.metadata_lock(), dir.metadata_durable()};
    may.while_starting = {dir.starter_lock(), dir.metadata_properties(), dir.metadata_lock(), dir.broker_log(id),
                          dir.broker_facts(id)};
    std::erase_if(may.while_starting, [](const std::string& path) { return !os::exists(path); });
  }
  storage.make_names_where(std::move(may));
  return lock;
}

}  // namespace bobbin::broker
