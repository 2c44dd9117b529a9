// Lives: which lives of its broker a folder knows of (broker-lives, ours). The metadata says in which life (incarnation) the broker
// registered last; a folder that does not know that one is not the one that the broker left: an older copy of it, or another's
// (R12). So the life that begins is written here before it registers, before those that were, the newest first: metadata that was
// put back from an older copy knows one of these, and the folder is still the broker's.
#pragma once

#include <vector>

#include "os/seam.h"

namespace bobbin::cluster {

inline constexpr size_t lives_max = 100;

// `before`, and the one that begins, at most so many: the oldest are forgotten.
std::vector<Uuid> with_life(const Uuid& beginning, const std::vector<Uuid>& before);

// None: the file is not there, or cannot be read. Blocks.
std::vector<Uuid> read_lives(os::Storage& storage, const std::string& folder);
// Blocks.
Status write_lives(os::Storage& storage, const std::string& folder, const std::vector<Uuid>& lives);

}  // namespace bobbin::cluster
