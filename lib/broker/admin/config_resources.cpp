#include "broker/admin/config_resources.h"

#include "metadata/names.h"

namespace bobbin::broker {

Status check_config_resource(int8_t type, const std::string& name) {
  if (type == 4) return {};
  if (type != 2) return error(Errc::invalid_request, "configs belong to topics (2) and brokers (4)");
  if (name.empty()) return error(Errc::invalid_request, "there are no configs of all topics: name one");
  return metadata::check_topic_name(name);
}

Error closed_door(const std::string& config) {
  return error(Errc::cluster_authorization_failed,
               config +
                   " decides who gets in: it is not changed over TCP, but by the owner of the "
                   "cluster's directory (bobbin broker start --listen, bobbin.toml)");
}

}  // namespace bobbin::broker
