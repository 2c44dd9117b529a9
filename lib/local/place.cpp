#include "local/place.h"

#include "home/cluster_dir.h"
#include "os/filesystem.h"
#include "os/path.h"
#include "os/process.h"

namespace bobbin::local {
namespace {

// The directory, or the nearest one above it that is there.
std::string nearest_there(std::string path) {
  while (path.size() > 1 && !os::access_of(path)) path = os::parent_of(path);
  return path;
}

Status check_file_system(const std::string& dir, const std::string& there) {
  auto kind = os::file_system_of(there);
  if (!kind || os::is_usable(*kind)) return {};
  return error(
      Errc::usage,
      dir + " lies on " + std::string(os::name(*kind)) +
          ", which does not keep what several processes write in order; choose a local directory (--dir, BOBBIN_DIR)");
}

// What is founded in `there` may be renamed, and another put in its place, by whoever may write to it.
Status check_neighbours(const std::string& dir, const std::string& there,
                        const std::function<void(const std::string&)>& say) {
  BOBBIN_TRY_ASSIGN(access, os::access_of(there));
  const uint32_t self = os::current_uid();
  if (there == dir && access.owner != self)
    return error(Errc::permission_denied,
                 dir + " belongs to uid " + std::to_string(access.owner) +
                     ", who could change what is stored there; choose a directory of your own (--dir, BOBBIN_DIR)");
  if (access.others_write && !access.is_sticky)
    return error(Errc::permission_denied,
                 there +
                     ": everybody may write there, and so could take away what is stored below it; "
                     "choose another directory (--dir, BOBBIN_DIR), or take that right away (chmod o-w)");
  bool is_others = access.owner != self && access.owner != 0;
  bool group_may = access.group_writes && !access.is_sticky && access.group != os::current_gid();
  if (!say) return {};
  if (there == dir && access.others_write)
    say("everybody may write to " + dir + ", where the cluster is; chmod o-w takes that right away");
  else if (is_others || group_may)
    say(there + ", where the cluster is made, may be changed by " +
        (is_others ? "uid " + std::to_string(access.owner) : "gid " + std::to_string(access.group)));
  return {};
}

}  // namespace

Status check_owner(const std::string& dir) {
  auto owner = os::owner_of(home::ClusterDir{dir}.metadata_log_dir());
  if (!owner || *owner == os::current_uid()) return {};
  return error(Errc::permission_denied, "the cluster in " + dir + " belongs to uid " + std::to_string(*owner) +
                                            ", who starts its brokers; choose another directory (--dir, BOBBIN_DIR)");
}

Status check_place(const std::string& dir, const std::function<void(const std::string& line)>& say) {
  BOBBIN_TRY(check_owner(dir));
  std::string there = nearest_there(dir);
  BOBBIN_TRY(check_file_system(dir, there));
  bool is_founded = os::owner_of(home::ClusterDir{dir}.metadata_log_dir()).ok();
  return is_founded ? Status() : check_neighbours(dir, there, say);
}

Status check_data(const std::string& dir, const std::string& data) {
  if (data == dir || data.starts_with(dir + "/"))
    return error(Errc::usage,
                 data +
                     " lies in the directory of the cluster, where brokers are anyway: give a directory on "
                     "another disk");
  auto access = os::access_of(data);
  if (!access && access.error().code == Errc::not_found)
    return error(Errc::io_error, data + " is not there: make it, or mount its disk");
  if (!access) return std::move(access).error();
  BOBBIN_TRY(check_file_system(data, data));
  if (access->owner != os::current_uid() && access->owner != 0)
    return error(Errc::permission_denied,
                 data + " belongs to uid " + std::to_string(access->owner) +
                     ", who could change what is stored there; choose a directory of your own");
  if (access->others_write && !access->is_sticky)
    return error(Errc::permission_denied,
                 data +
                     ": everybody may write there, and so could take away what is stored in it; choose another "
                     "directory, or take that right away (chmod o-w)");
  return {};
}

Status check_answerer(const std::string& dir, const os::PeerCredentials& who) {
  BOBBIN_TRY_ASSIGN(owner, os::owner_of(dir));
  if (who.uid == owner || who.uid == 0 || who.uid == os::current_uid()) return {};
  return error(Errc::permission_denied, "uid " + std::to_string(who.uid) + " answers for the cluster in " + dir +
                                            ", which belongs to uid " + std::to_string(owner) +
                                            ": not trusted; look who put a socket there");
}

}  // namespace bobbin::local
