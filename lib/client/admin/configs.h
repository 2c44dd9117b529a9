// Configs of topics and brokers: told and changed. All block until answered or nobody answered for the target's time-out. A Result
// that failed says that the question did not get through; what the cluster said of one item is in that item's status,
// Kafka's error turned into a sentence (sentences.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "bobbin/values.h"

namespace bobbin::client {

using api::ConfigChange;

class Session;

enum class ResourceType : int8_t { topic = 2, broker = 4 };

struct ConfigEntry {
  std::string name;
  std::optional<std::string> value;  // null: sensitive
  int8_t source = -1;  // Kafka's numbers: 1 topic, 2 dynamic broker, 3 dynamic default, 4 static, 5 default
  int8_t type = 0;
  bool read_only = false;
  std::string documentation;
};
Result<std::vector<ConfigEntry>> describe_configs(Session&, ResourceType type, const std::string& name);

// The values of single configs, in the order of the questions, all asked of one node (any_node: whichever); nothing: it is
// not told. Of brokers, Kafka's tell each only of themselves.
struct ConfigQuestion {
  ResourceType type;
  std::string resource;
  std::string config;
};
Result<std::vector<std::optional<std::string>>> read_configs(Session&, BrokerId node,
                                                             const std::vector<ConfigQuestion>& questions);

Status alter_configs(Session&, ResourceType type, const std::string& name, const std::vector<ConfigChange>& changes,
                     bool validate_only = false);

}  // namespace bobbin::client
