#include "cmd/topic/setting.h"

#include "config/configs.h"

namespace bobbin::cmd {

Result<std::string> topic_setting(std::string_view name, std::string_view value, bool is_local) {
  auto checked = config::checked_config(config::ConfigScope::topic, name, value);
  if (checked || is_local) return checked;
  return std::string(value);
}

}  // namespace bobbin::cmd
