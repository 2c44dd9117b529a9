// What has configs, as requests name it, and who may change them: for those that alter configs.
#pragma once

#include <string>

#include "broker/connections.h"
#include "metadata/changes.h"

namespace bobbin::broker {

// Topics (2) and brokers (4; "" is the default of all brokers). invalid_request: nothing else has configs here;
// invalid_topic_exception: no topic can be called so.
Status check_config_resource(int8_t type, const std::string& name);

// What is told of a config that decides who gets in: over TCP nobody changes it.
Error closed_door(const std::string& config);

}  // namespace bobbin::broker
