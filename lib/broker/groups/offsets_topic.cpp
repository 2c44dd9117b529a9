#include "broker/groups/offsets_topic.h"

#include <algorithm>

#include "base/text.h"
#include "broker/admin/submitting.h"
#include "metadata/changes.h"

namespace bobbin::broker {

namespace {

// String.hashCode() of what Java makes of these bytes; what is no UTF-8 counts as U+FFFD, a byte at a time.
int32_t java_hash(std::string_view text) {
  uint32_t hash = 0;
  const auto add = [&](uint32_t unit) { hash = 31 * hash + unit; };
  for (size_t at = 0; at < text.size();) {
    const Character next = first_character(text.substr(at));
    if (next.code == not_a_character) {
      add(0xfffd);
    } else if (next.code < 0x10000) {
      add(next.code);
    } else {
      add(0xd800 + ((next.code - 0x10000) >> 10));
      add(0xdc00 + ((next.code - 0x10000) & 0x3ff));
    }
    at += next.bytes;
  }
  return static_cast<int32_t>(hash);
}

metadata::NewTopic offsets_topic(const config::BrokerSettings& settings, TopicId id, size_t brokers) {
  metadata::NewTopic topic;
  topic.name = offsets_topic_name;
  topic.id = id;
  topic.is_brokers_own = true;
  topic.partitions = settings.offsets_topic_partitions;
  topic.replication_factor = static_cast<int16_t>(
      std::min<size_t>(static_cast<size_t>(settings.offsets_topic_replicas), std::max<size_t>(brokers, 1)));
  topic.configs = {{"cleanup.policy", "compact"},
                   {"compression.type", "producer"},
                   {"segment.bytes", std::to_string(settings.offsets_topic_segment_bytes)}};
  return topic;
}

}  // namespace

int32_t partition_for(std::string_view group, int32_t partitions) {
  const int32_t hash = java_hash(group);
  return (hash == INT32_MIN ? 0 : std::abs(hash)) % partitions;
}

void make_offsets_topic(AdminContext& admin, std::function<void(Status)> done) {
  const auto settings = admin.metadata.settings();
  const TopicId id = os::random_uuid(admin.world.random);
  const uint64_t start = admin.world.random.next();
  auto change = [&admin, id, start, settings](size_t, const metadata::Image& image) -> Result<metadata::Records> {
    const metadata::Placement placement = placement_now(admin, start);
    const auto topic = offsets_topic(settings, id, placement.brokers.size());
    if (image.topic(topic.name)) return metadata::Records{};  // somebody was faster
    return metadata::create_topic(image, topic, placement, settings);
  };
  submit_all(admin, 1, change, [done = std::move(done)](const Outcomes& results) { done(results[0]); });
}

}  // namespace bobbin::broker
