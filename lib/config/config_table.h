// Names of Kafka's that we know and refuse: nothing here would act on them yet. Inside this folder only.
#pragma once

#include <span>
#include <string_view>

#include "config/configs.h"

namespace bobbin::config {

std::span<const std::string_view> refused_configs(ConfigScope scope);

}  // namespace bobbin::config
