// Which of the configs that an image holds count for whom: those of a topic or a broker, seen from broker `id`, whose file
// settings are `static_file` (or null). What is given points into the image and the file's map, which must outlive it.
#pragma once

#include <string_view>

#include "config/configs.h"
#include "metadata/image.h"

namespace bobbin::metadata {

config::ConfigLayers topic_layers(const Image& image, std::string_view topic, BrokerId id,
                                  const config::ConfigMap* static_file);
config::ConfigLayers broker_layers(const Image& image, BrokerId id, const config::ConfigMap* static_file);

}  // namespace bobbin::metadata
