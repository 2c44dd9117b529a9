// Manual pages in mdoc(7), from the table of commands and the table of configs. The ones that are checked in under
// man/ are printed by this; a test compares them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bobbin::cmd {

// "" is bobbin(1), "topic create" bobbin-topic-create(1), "bobbin.toml" bobbin.toml(5). Nothing: no such page.
std::optional<std::string> manual_page(std::string_view name);

// Every page that is printed, by name, and its file below man/.
struct PageFile {
  std::string name;
  std::string file;
};
std::vector<PageFile> manual_pages();

}  // namespace bobbin::cmd
