// Where a cluster may lie, and who may answer for it: the directory's owner, whose brokers run as that user, and root.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "os/socket.h"

namespace bobbin::local {

// Errc::permission_denied: there is a cluster, and another user's. What we wrote among its files, its owner could not read.
Status check_owner(const std::string& dir);

// Before a cluster is made or started in `dir`, which need not be there yet. Errc::permission_denied: check_owner(), a new
// one in another's directory, or in one in which everybody may rename and remove what is ours. Errc::usage: a file system
// that cannot carry one. What is allowed and yet worth a word is told to `say`.
Status check_place(const std::string& dir, const std::function<void(const std::string& line)>& say);

// Before a broker of the cluster in `dir` is given a folder in `data`, which is absolute and without symbolic links on its way.
// Errc::usage: it lies in the cluster's directory, or on a file system that cannot carry it. Errc::permission_denied:
// somebody else could take away what is stored there. Errc::io_error: it is not there.
Status check_data(const std::string& dir, const std::string& data);

// Whether the process that listens at a socket of the cluster is its: the directory's owner, root or we ourselves; another
// one has put its socket there. Errc::permission_denied.
Status check_answerer(const std::string& dir, const os::PeerCredentials& who);

}  // namespace bobbin::local
