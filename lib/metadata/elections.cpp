#include "metadata/elections.h"

#include <algorithm>
#include <map>

#include "base/ids.h"
#include "base/text.h"
#include "metadata/image_records.h"
#include "metadata/partition_change.h"

namespace bobbin::metadata {
namespace {

struct Which {
  const Topic* topic;
  PartitionId number;
  const Partition& partition() const { return *topic->partition(number); }
};

Result<Which> find(const Image& image, std::string_view name, PartitionId number) {
  const Topic* topic = image.topic(name);
  if (!topic) return error(Errc::unknown_topic_or_partition, "there is no topic '" + escaped_for_line(name) + "'");
  if (!topic->partition(number))
    return error(Errc::unknown_topic_or_partition, "topic '" + topic->name + "' has no partition " + to_string(number));
  return Which{topic, number};
}

PartitionChange change_of(const Image& image, const Which& which) {
  return {*which.topic, which.number, min_isr_of(image, *which.topic, which.partition())};
}

BrokerId preferred_leader(const Partition& p) { return p.replicas.empty() ? broker_none : p.replicas.front(); }
bool is_led_as_preferred(const Partition& p) { return p.leader == preferred_leader(p); }

PartitionChangeRecord preferred_reign(const Image& image, const Which& which) {
  PartitionChange change = change_of(image, which);
  change.make_leader(preferred_leader(which.partition()));
  return *change.record();
}

template <class Each>
void each_partition(const Image& image, const Each& each) {
  for (const auto& [name, topic] : image.topics())
    for (size_t i = 0; i < topic.partitions.size(); i++) each(Which{&topic, PartitionId(static_cast<int32_t>(i))});
}

}  // namespace

Result<PartitionChangeRecord> elect_preferred_leader(const Image& image, std::string_view topic, PartitionId number) {
  BOBBIN_TRY_ASSIGN(which, find(image, topic, number));
  const Partition& p = which.partition();
  const BrokerId wanted = preferred_leader(p);
  const std::string who = "its preferred leader, broker " + to_string(wanted) + ", ";
  if (is_led_as_preferred(p)) return error(Errc::election_not_needed, who + "leads it already");
  if (!alive_in(image)(wanted)) return error(Errc::preferred_leader_not_available, who + "is not running");
  if (!holds(p.isr, wanted)) return error(Errc::preferred_leader_not_available, who + "is not in sync yet");
  return preferred_reign(image, which);
}

Result<PartitionChangeRecord> elect_any_leader(const Image& image, std::string_view topic, PartitionId number) {
  BOBBIN_TRY_ASSIGN(which, find(image, topic, number));
  const Partition& p = which.partition();
  if (p.leader != broker_none) return error(Errc::election_not_needed, "broker " + to_string(p.leader) + " leads it");
  const IsAlive is_alive = alive_in(image);
  PartitionChange change = change_of(image, which);
  change.elect(is_alive);
  if (auto record = change.record(); record && record->leader >= 0) return *record;
  const auto alive = std::find_if(p.replicas.begin(), p.replicas.end(), is_alive);
  if (alive == p.replicas.end()) return error(Errc::eligible_leaders_not_available, "no replica of it is running");
  change.make_leader_uncleanly(*alive);
  return *change.record();
}

Records reign_above(const Image& image, const CopyOf& copy, LeaderEpoch seen) {
  const Partition* p = find_partition(image, copy.topic, copy.partition);
  if (!p || p->leader_epoch >= seen) return {};
  PartitionRecord record = record_of(copy.topic, copy.partition, *p);
  record.leader_epoch = seen.value + 1;
  record.partition_epoch++;
  return {record};
}

Records balance_leaders(const Image& image, int32_t imbalance_percent_max) {
  struct Share {
    int64_t preferred = 0, led_by_others = 0;
  };
  std::map<BrokerId, Share> shares;
  each_partition(image, [&](const Which& which) {
    Share& share = shares[preferred_leader(which.partition())];
    share.preferred++;
    if (!is_led_as_preferred(which.partition())) share.led_by_others++;
  });
  Records out;
  const IsAlive is_alive = alive_in(image);
  each_partition(image, [&](const Which& which) {
    const Partition& p = which.partition();
    const BrokerId wanted = preferred_leader(p);
    const Share& share = shares[wanted];
    if (is_led_as_preferred(p) || share.led_by_others * 100 <= share.preferred * imbalance_percent_max) return;
    if (is_alive(wanted) && holds(p.isr, wanted)) out.emplace_back(preferred_reign(image, which));
  });
  return out;
}

}  // namespace bobbin::metadata
