// bobbin.toml: configs of brokers by hand.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/configs.h"

namespace bobbin::cmd {

// The file's settings, checked and in the form in which they are stored; a missing file has none. Dotted keys and
// tables both spell a name. Errc::invalid_config: what is wrong, on which line, and the nearest known name.
// Errc::permission_denied: a file that a stranger wrote or may write. Errc::damaged: it has no end.
Result<config::ConfigMap> read_config_file(const std::string& path);
Result<config::ConfigMap> parse_config_file(std::string_view text, const std::string& path);

// The value of one as it is stored; one that an earlier version took as it stands.
Result<std::string> kept_config(const std::string& name, const std::string& text);
// Of these, a sentence for each that an earlier version took and that counts no more.
std::vector<std::string> without_effect(const config::ConfigMap&);

// The file with "NAME=VALUE" (--set) on top: as somebody says it now, or as it was `kept` for a broker that starts again.
Result<config::ConfigMap> static_configs(const std::string& path, const std::vector<std::string>& set,
                                         bool kept = false);

}  // namespace bobbin::cmd
