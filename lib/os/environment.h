// What the surroundings tell a program.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace bobbin::os {

// Empty: not set. Set to nothing is a text of no length.
std::optional<std::string> environment(const std::string& name);
// Each as NAME=VALUE.
std::vector<std::string> whole_environment();
// $HOME, else what the user database says; empty: unknown.
std::optional<std::string> home_dir();
std::string host_name();
// Absolute. Errc::not_found: it was removed.
Result<std::string> current_dir();
// The kernel's boot id, a new one after every boot; empty: unknown.
std::string boot_id();

}  // namespace bobbin::os
