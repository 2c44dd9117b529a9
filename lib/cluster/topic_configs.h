// TopicConfigs: what is set for the topics of a broker. Those that set nothing share the broker's defaults.
#pragma once

#include <map>
#include <set>

#include "base/id.h"
#include "config/configs.h"
#include "log/log_config.h"

namespace bobbin::cluster {

// What a log needs to know of a topic's settings.
log::LogConfig log_config(const config::TopicSettings& settings, int64_t producer_id_expiration_ms);

class TopicConfigs {
 public:
  // The broker's defaults of now.
  void update(const config::ConfigLayers& broker, int64_t producer_id_expiration_ms) {
    plain_ = config::topic_settings(broker);
    producer_id_expiration_ms_ = producer_id_expiration_ms;
  }
  // What this topic sets besides them, if anything.
  void take(const TopicId& topic, config::ConfigLayers broker, const config::ConfigMap& own) {
    own_.erase(topic);
    broker.topic = &own;
    if (!own.empty()) own_[topic] = config::topic_settings(broker);
  }
  void forget(const TopicId& topic) { own_.erase(topic); }

  const config::TopicSettings& of(const TopicId& topic) const {
    auto own = own_.find(topic);
    return own == own_.end() ? plain_ : own->second;
  }
  log::LogConfig log_config_of(const TopicId& topic) const { return log_config(of(topic), producer_id_expiration_ms_); }
  // Those that set something, and are to be taken anew when the defaults change.
  std::set<TopicId> with_own() const {
    std::set<TopicId> topics;
    for (const auto& [topic, settings] : own_) topics.insert(topic);
    return topics;
  }

 private:
  config::TopicSettings plain_;
  std::map<TopicId, config::TopicSettings> own_;
  int64_t producer_id_expiration_ms_ = 86400000;
};

}  // namespace bobbin::cluster
