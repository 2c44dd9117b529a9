// The table of every name that topics and brokers know, and the names of Kafka's that are known and refused: nothing here
// would act on them yet.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bobbin::config {

enum class ConfigScope : int8_t { topic = 2, broker = 4 };  // Kafka's resource types

// Kafka's numbers in DescribeConfigs.
enum class ConfigType : int8_t { boolean = 1, string = 2, int32 = 3, int64 = 5, list = 7 };

// Where a value came from: Kafka's numbers of config_source.
enum class ConfigSource : int8_t { topic = 1, dynamic_broker = 2, dynamic_default = 3, static_file = 4, built_in = 5 };

enum class ConfigUnit : int8_t { none, bytes, ms, seconds, minutes, hours };

struct ConfigKey {
  std::string_view name;
  ConfigScope scope = ConfigScope::topic;
  ConfigType type = ConfigType::string;
  ConfigUnit unit = ConfigUnit::none;
  std::string_view default_value;  // empty for those that stand back behind another name (log.retention.ms)
  int64_t min = 0;                 // of numbers
  int64_t max = 0;
  bool or_no_limit = false;  // -1 beside them
  int64_t min_before = 0;    // what earlier versions took from there on may stand in a file; it does not count
  std::span<const std::string_view> words;  // of strings and lists: what is allowed; empty: anything
  std::span<const std::string_view>
      synonyms;             // of topics' keys: the brokers' keys that stand behind it, first one wins
  std::string_view doc;     // a sentence
  bool opens_door = false;  // decides who gets in or at the records: changed by the cluster's owner only, not over TCP
};

std::span<const ConfigKey> topic_configs();   // sorted by name
std::span<const ConfigKey> broker_configs();  // sorted by name
std::span<const std::string_view> refused_configs(ConfigScope scope);

}  // namespace bobbin::config
