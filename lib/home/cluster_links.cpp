#include "home/cluster_links.h"

#include "home/broker_folders.h"
#include "os/filesystem.h"
#include "os/posix/storage.h"

namespace bobbin::home {
namespace {

Error not_followed(const std::string& path) {
  return error(Errc::io_error, path + " is a symbolic link (to " + os::link_target(path).value_or("?") +
                                   "): put the file itself there; only folders and bobbin.toml may be links");
}

Status check_file_system(const std::string& dir) {
  auto kind = os::file_system_of(dir);
  if (!kind || os::is_usable(*kind)) return {};
  return error(Errc::usage,
               dir + " lies on " + std::string(os::name(*kind)) +
                   ", which does not keep what several processes write in order; choose a local disk for it");
}

// `path` is a link where a folder belongs.
Status check_folder(const std::string& path) {
  BOBBIN_TRY_ASSIGN(resolved, os::resolved_dir(path));
  return check_file_system(resolved);
}

// Every link in `dir` is one to a folder; none, if `folders` is false.
Status check_in(const std::string& dir, bool folders) {
  auto links = os::links_in(dir);
  if (!links && links.error().code == Errc::not_found) return {};
  if (!links) return std::move(links).error();
  os::PosixStorage storage;
  for (const std::string& name : *links) {
    std::string path = dir + "/" + name;
    auto target = os::real_path(path);
    BOBBIN_TRY_ASSIGN(stat, storage.stat(path));
    if (!folders || (target && !stat.is_dir)) return not_followed(path);
    BOBBIN_TRY(check_folder(path));
  }
  return {};
}

bool is_folder_name(const std::string& name) {
  return name == "metadata" || (name.starts_with("broker-") && name.find('.') == std::string::npos);
}

bool is_file_name(const std::string& name) {
  return name.starts_with("broker-") || name.starts_with("starter.lock") || name == "stopped" || name == "stopped.tmp";
}

}  // namespace

Status check_links(const ClusterDir& dir) {
  auto links = os::links_in(dir.root);
  if (!links && links.error().code == Errc::not_found) return {};
  if (!links) return std::move(links).error();
  for (const std::string& name : *links) {
    std::string path = dir.root + "/" + name;
    if (name == "bobbin.toml") BOBBIN_TRY(os::resolved_file(path));
    else if (name == "metadata") BOBBIN_TRY(check_folder(path));
    else if (!is_folder_name(name) && is_file_name(name)) return not_followed(path);
  }
  BOBBIN_TRY(check_in(dir.metadata_dir(), true));
  return check_in(dir.metadata_log_dir(), false);
}

Status check_links(const ClusterDir& dir, BrokerId id) {
  std::string folder = dir.broker_dir(id);
  if (folder_elsewhere(dir, id)) {
    BOBBIN_TRY(check_folder(dir, id));
    BOBBIN_TRY(check_folder(folder));
  }
  BOBBIN_TRY(check_in(folder, true));
  os::PosixStorage storage;
  auto names = storage.list(folder);
  if (!names) return {};
  for (const std::string& name : *names)
    if (name.find('-') != std::string::npos && !name.ends_with("-delete") && !name.ends_with("-stray")) {
      auto inside = check_in(folder + "/" + name, false);
      if (!inside && inside.error().code != Errc::not_found) return inside;
    }
  return {};
}

}  // namespace bobbin::home
