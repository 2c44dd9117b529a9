#include "cmd/topic/limits.h"

#include "base/number.h"
#include "base/units.h"
#include "client/admin/configs.h"

namespace bobbin::cmd {

namespace {
void read_ms(const std::string& value, int64_t& into) { into = number_in<int64_t>(value).value_or(into); }
}  // namespace

std::string TopicLimits::objection(Timestamp timestamp, Timestamp now, bool allow_expired) const {
  if (!keeps_timestamps || timestamp == timestamp_none) return "";
  std::string time = "the timestamp " + to_string(timestamp);
  if (timestamp.value > now.value && timestamp.value - now.value > after_max_ms)
    return time +
           " is too far after now for the topic (message.timestamp.after.max.ms=" + std::to_string(after_max_ms) + ")";
  if (before_max_ms < now.value && timestamp.value < now.value - before_max_ms)
    return time +
           " is too far before now for the topic (message.timestamp.before.max.ms=" + std::to_string(before_max_ms) +
           ")";
  if (allow_expired || !is_expired(timestamp, now)) return "";
  return time + " is older than the retention of the topic (retention.ms=" + std::to_string(retention_ms) + ", " +
         duration_text(retention_ms) + "); --allow-expired sends all the same";
}

Result<TopicLimits> read_topic_limits(client::Session& session, const std::string& topic) {
  BOBBIN_TRY_ASSIGN(entries, client::describe_configs(session, client::ResourceType::topic, topic));
  TopicLimits limits;
  bool deletes = true;
  for (const client::ConfigEntry& entry : entries) {
    std::string value = entry.value.value_or("");
    if (entry.name == "retention.ms") read_ms(value, limits.retention_ms);
    if (entry.name == "message.timestamp.before.max.ms") read_ms(value, limits.before_max_ms);
    if (entry.name == "message.timestamp.after.max.ms") read_ms(value, limits.after_max_ms);
    if (entry.name == "message.timestamp.type") limits.keeps_timestamps = value != "LogAppendTime";
    if (entry.name == "cleanup.policy") deletes = value.find("delete") != std::string::npos;
  }
  if (!deletes) limits.retention_ms = -1;
  return limits;
}

}  // namespace bobbin::cmd
