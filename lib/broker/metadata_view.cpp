#include "broker/metadata_view.h"

#include "metadata/config_layers.h"

namespace bobbin::broker {

void MetadataView::look_again(std::function<void()> then) {
  transactions_.catch_up([this, then = std::move(then)](Status read) {
    is_latest_ = read.ok();
    if (!ended_) then();  // else whoever waits is told by the end of the connection
  });
}

config::BrokerSettings MetadataView::settings() const {
  return config::broker_settings(metadata::broker_layers(image(), self_, &file_));
}

bool MetadataView::is_live(BrokerId id) const { return id == self_ || home::is_alive(world_.storage, dir_, id); }

std::vector<BrokerId> MetadataView::live_brokers() const {
  std::vector<BrokerId> live;
  for (const auto& [id, broker] : image().brokers())
    if (is_live(id)) live.push_back(id);
  return live;
}

NamedTopic MetadataView::find_topic(const std::string& name, const Uuid& id, bool by_id) const {
  const metadata::Topic* topic = by_id ? image().topic(id) : image().topic(name);
  if (topic) return {topic, Errc::none};
  if (!is_latest_) return {nullptr, Errc::kafka_storage_error};
  return {nullptr, by_id ? Errc::unknown_topic_id : Errc::unknown_topic_or_partition};
}

}  // namespace bobbin::broker
