#include "broker/new_folder.h"

#include <algorithm>

#include "cluster/identity.h"
#include "home/broker_folders.h"
#include "log/checkpoints.h"
#include "os/filesystem.h"

namespace bobbin::broker {

namespace {

std::string name_of(BrokerId id) { return "broker " + to_string(id); }

// What makes the broker's folder of now, if it has one, none that may be given up for another.
Status check_replaceable(os::Storage& storage, const NewFolder& wanted, bool is_found) {
  const std::string folder = wanted.dir.broker_dir(wanted.id);
  auto stat = storage.stat(folder);
  if (stat && !stat->is_link)
    return error(Errc::busy,
                 name_of(wanted.id) + " has a folder, " + folder +
                     ": to take it to another disk, stop the broker, move the folder there and put a symbolic "
                     "link to it in its place; to begin anew, move it away and give --replace");
  if (!wanted.is_known || wanted.replace) return {};
  Status there = home::check_folder(wanted.dir, wanted.id);
  if (stat && there) return error(Errc::busy, name_of(wanted.id) + " exists already");
  if (is_found) return {};
  if (!there) return std::move(there).error().in(name_of(wanted.id));
  return error(Errc::busy,
               name_of(wanted.id) + " exists already, and its folder is gone: give --replace to begin anew");
}

// Whether the folder is there already, as one of this broker. Another one's, and what is none, is an error.
Result<bool> find(os::Storage& storage, const NewFolder& wanted, const std::string& folder,
                  const std::string& cluster_id) {
  auto names = storage.list(folder);
  if (!names && names.error().code == Errc::not_found) return false;
  if (!names) return std::move(names).error();
  BOBBIN_TRY_ASSIGN(identity, cluster::read_identity(storage, folder, wanted.id, cluster_id));
  if (identity && wanted.replace)
    return error(Errc::busy, folder + " is a folder that " + name_of(wanted.id) +
                                 " had: without --replace it is taken as it is; to begin anew, move it away");
  // Of one that somebody was making.
  auto is_early = [](const std::string& name) {
    return name.starts_with(log::topic_ids_file) || name.ends_with(".tmp");
  };
  if (!identity && !std::all_of(names->begin(), names->end(), is_early))
    return error(Errc::busy, folder + " is no broker's folder (it has no meta.properties) and not empty: move it away");
  return identity.has_value();
}

Status make(os::Storage& storage, os::Random& random, const NewFolder& wanted, const std::string& folder,
            const std::string& cluster_id) {
  BOBBIN_TRY(storage.make_dir(folder));
  BOBBIN_TRY(os::probe(folder));
  BOBBIN_TRY(cluster::make_identity(storage, random, folder, wanted.id, cluster_id));
  return storage.sync_dir(wanted.data);
}

}  // namespace

Result<std::string> make_folder(os::Storage& storage, os::Random& random, const NewFolder& wanted) {
  BOBBIN_TRY_ASSIGN(cluster_id, home::cluster_id(storage, wanted.dir));
  if (home::is_alive(storage, wanted.dir, wanted.id))
    return error(Errc::busy, name_of(wanted.id) + " exists already, and runs");
  if (wanted.replace && !wanted.is_known)
    return error(Errc::broker_id_not_registered, "there is no " + name_of(wanted.id) + " that could be replaced");
  const std::string folder = wanted.data + "/bobbin-" + cluster_id + "-broker-" + to_string(wanted.id);
  BOBBIN_TRY_ASSIGN(is_found, find(storage, wanted, folder, cluster_id));
  BOBBIN_TRY(check_replaceable(storage, wanted, is_found));
  Status made = is_found ? Status() : make(storage, random, wanted, folder, cluster_id);
  if (made) made = os::put_link(folder, wanted.dir.broker_dir(wanted.id));
  if (made) return folder;
  if (!is_found) (void)os::remove_tree(storage, folder);
  return std::move(made).error();
}

}  // namespace bobbin::broker
