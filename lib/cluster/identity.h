// Identity: what makes a folder a broker's (meta.properties): of which cluster and of which broker, and its own id.
#pragma once

#include <optional>
#include <string>

#include "log/checkpoints.h"
#include "os/seam.h"

namespace bobbin::cluster {

// Nothing: the folder has none. Errc::inconsistent_cluster_id: it is another broker's, or of another cluster. Blocks.
Result<std::optional<log::MetaProperties>> read_identity(os::Storage& storage, const std::string& folder, BrokerId self,
                                                         const std::string& cluster_id);
// Of a folder that has none: it begins empty, with an id that no folder had. Blocks.
Result<log::MetaProperties> make_identity(os::Storage& storage, os::Random& random, const std::string& folder,
                                          BrokerId self, const std::string& cluster_id);

}  // namespace bobbin::cluster
