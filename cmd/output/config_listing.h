// Configs as a list: name, value, source.
#pragma once

#include <vector>

#include "client/admin/configs.h"
#include "cmd/output/output.h"

namespace bobbin::cmd {

// Kafka's number of a config's source, in words: "topic", "broker", "all brokers", "bobbin.toml or --set", "default".
std::string_view source_name(int source);
Listing config_listing(std::vector<client::ConfigEntry> entries);

}  // namespace bobbin::cmd
