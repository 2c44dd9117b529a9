#include "cmd/broker/config_file.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

Result<config::ConfigMap> static_configs(const std::string& path, const std::vector<std::string>& set, bool kept) {
  BOBBIN_TRY_ASSIGN(configs, read_config_file(path));
  for (const std::string& text : set) {
    auto pair = key_and_value(text);
    if (!pair) return error(Errc::usage, "--set: '" + text + "' is no NAME=VALUE");
    auto value = kept ? kept_config(pair->first, pair->second)
                      : config::checked_config(config::ConfigScope::broker, pair->first, pair->second);
    if (!value) return std::move(value).error().in("--set");
    configs[pair->first] = *value;
  }
  return std::move(configs);
}

}  // namespace bobbin::cmd
