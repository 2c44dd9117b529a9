// What -h prints, from the table of commands.
#pragma once

#include <string>
#include <string_view>

#include "cmd/words/commands.h"

namespace bobbin::cmd {

std::string help_text();                                 // of the program
std::string help_text_of_group(std::string_view group);  // "topic"
std::string help_text(const Command& command);
std::string version_text();

}  // namespace bobbin::cmd
