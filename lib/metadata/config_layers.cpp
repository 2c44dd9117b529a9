#include "metadata/config_layers.h"

namespace bobbin::metadata {

config::ConfigLayers topic_layers(const Image& image, std::string_view topic, BrokerId id,
                                  const config::ConfigMap* static_file) {
  config::ConfigLayers layers = broker_layers(image, id, static_file);
  layers.topic = &image.configs(config::ConfigScope::topic, topic);
  return layers;
}

config::ConfigLayers broker_layers(const Image& image, BrokerId id, const config::ConfigMap* static_file) {
  return {nullptr, &image.configs(config::ConfigScope::broker, to_string(id)),
          &image.configs(config::ConfigScope::broker, ""), static_file};
}

}  // namespace bobbin::metadata
