// Completion scripts of bash, zsh and fish, from the table of commands. The ones that are checked in under
// completions/ are printed by this; a test compares them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bobbin::cmd {

// "bash", "zsh", "fish"; nothing for another shell.
std::optional<std::string> completion_script(std::string_view shell);

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace bobbin::cmd
