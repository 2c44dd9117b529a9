#include "metadata/delta.h"

namespace bobbin::metadata {

void Delta::note(const AnyRecord& record, const Image& after) {
  if (const auto* config = std::get_if<ConfigRecord>(&record)) {
    if (config->resource_type != static_cast<int8_t>(config::ConfigScope::topic)) {
      broker_configs = true;
    } else if (const Topic* topic = after.topic(config->resource_name)) {
      topics.insert(topic->id);
    }
    return;
  }
  std::visit(
      [&](const auto& r) {
        if constexpr (requires { r.topic_id; }) topics.insert(r.topic_id);
      },
      record);
}

}  // namespace bobbin::metadata
