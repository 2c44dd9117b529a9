#include "cmd/topic_limits.h"

#include <charconv>

#include "base/units.h"
#include "client/admin.h"

namespace bobbin::cmd {

std::string TopicLimits::told_expired() const {
  return "the timestamp is older than the retention of the topic (retention.ms=" + std::to_string(retention_ms) + ", " + duration_text(retention_ms) + ")";
}

Result<TopicLimits> read_topic_limits(client::Session& session, const std::string& topic) {
  BOBBIN_TRY_ASSIGN(entries, client::describe_configs(session, client::ResourceType::topic, topic));
  TopicLimits limits;
  bool deletes = true;
  for (const client::ConfigEntry& entry : entries) {
    std::string value = entry.value.value_or("");
    if (entry.name == "retention.ms") std::from_chars(value.data(), value.data() + value.size(), limits.retention_ms);
    if (entry.name == "message.timestamp.type") limits.keeps_timestamps = value != "LogAppendTime";
    if (entry.name == "cleanup.policy") deletes = value.find("delete") != std::string::npos;
  }
  if (!deletes) limits.retention_ms = -1;
  return limits;
}

}  // namespace bobbin::cmd
