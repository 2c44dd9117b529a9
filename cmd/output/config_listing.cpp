#include "cmd/output/config_listing.h"

namespace bobbin::cmd {

std::string_view source_name(int source) {
  switch (source) {
    case 1:
      return "topic";
    case 2:
      return "broker";
    case 3:
      return "all brokers";
    case 4:
      return "bobbin.toml or --set";
    case 5:
      return "default";
    default:
      return "unknown";
  }
}

Listing config_listing(std::vector<client::ConfigEntry> entries) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  Listing listing({"name", "value", "source"});
  for (const client::ConfigEntry& entry : entries)
    listing.add({entry.name, entry.value ? Cell(*entry.value) : Cell(), source_name(entry.source)});
  return listing;
}

}  // namespace bobbin::cmd
