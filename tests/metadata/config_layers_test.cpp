// Which configs of an image count for whom.
#include "metadata/config_layers.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::config;
using namespace bobbin::metadata;

namespace {

Image with_configs() {
  Image image;
  auto set = [&](ConfigScope scope, const std::string& resource, const std::string& name, const std::string& value) {
    ConfigRecord r;
    r.resource_type = static_cast<int8_t>(scope);
    r.resource_name = resource;
    r.name = name;
    r.value = value;
    REQUIRE(image.apply(r, image.next_offset()));
  };
  set(ConfigScope::broker, "", "log.retention.ms", "5");
  set(ConfigScope::broker, "2", "log.retention.ms", "6");
  set(ConfigScope::topic, "t", "retention.ms", "7");
  return image;
}

int64_t retention_of(const Image& image, std::string_view topic, int32_t broker, const ConfigMap* file = nullptr) {
  return topic_settings(topic_layers(image, topic, BrokerId(broker), file)).retention_ms;
}

}  // namespace

TEST_CASE("Config layers: a topic's own config goes before its broker's, that before the one of all") {
  const Image image = with_configs();
  CHECK(retention_of(image, "t", 1) == 7);
  CHECK(retention_of(image, "t", 2) == 7);
  CHECK(retention_of(image, "u", 1) == 5);
  CHECK(retention_of(image, "u", 2) == 6);
}

TEST_CASE("Config layers: the file counts where the metadata says nothing") {
  const ConfigMap file{{"log.retention.ms", "4"}, {"log.segment.bytes", "2000000"}};
  const Image image = with_configs();
  CHECK(retention_of(Image(), "u", 1, &file) == 4);
  CHECK(retention_of(image, "u", 1, &file) == 5);
  CHECK(topic_settings(topic_layers(image, "u", BrokerId(1), &file)).segment_bytes == 2000000);
}

TEST_CASE("Config layers: a broker's are those of all topics that have none of their own") {
  const Image image = with_configs();
  const ConfigLayers layers = broker_layers(image, BrokerId(2), nullptr);
  CHECK(layers.topic == nullptr);
  CHECK(topic_settings(layers).retention_ms == 6);
}
