// Image: what the metadata log says, after replaying it up to next_offset(). A plain value: copy it to try something,
// compare it in a test. Records are Kafka's own (records.h); their meaning is that of Kafka's controller.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "config/configs.h"
#include "metadata/records.h"

namespace bobbin::metadata {

inline constexpr int16_t metadata_version = 30;  // Kafka's 4.3-IV0: how its tools must read our log
inline constexpr std::string_view feature_metadata_version = "metadata.version";
inline constexpr int16_t bobbin_version = 1;  // ours: grows when older programs must not write, or cannot read
inline constexpr std::string_view feature_bobbin_version = "bobbin.version";

struct Partition {
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
  std::vector<BrokerId> removing_replicas;
  std::vector<BrokerId> adding_replicas;
  std::vector<BrokerId> eligible_leaders;  // KIP-966
  std::vector<BrokerId> last_known_leaders;
  std::vector<Uuid> directories;  // of each replica; zero: not told yet
  BrokerId leader = broker_none;
  LeaderEpoch leader_epoch{0};  // grows with each reign
  int32_t partition_epoch = 0;  // grows with each change
  bool recovering = false;      // elected uncleanly, not yet recovered
  bool operator==(const Partition&) const = default;
};

struct Topic {
  std::string name;
  TopicId id;
  std::vector<Partition> partitions;                      // by number
  const Partition* partition(PartitionId number) const {  // nullptr: there is none
    const auto at = static_cast<size_t>(number.value);
    return number.value >= 0 && at < partitions.size() ? &partitions[at] : nullptr;
  }
  bool operator==(const Topic&) const = default;
};

struct Endpoint {
  std::string name;  // of the listener: "PLAINTEXT"
  std::string host;
  uint16_t port = 0;
  int16_t security_protocol = 0;
  bool operator==(const Endpoint&) const = default;
};

// A broker as it registered last. Whether its process lives now, only its lock says.
struct Broker {
  BrokerId id;
  BrokerEpoch epoch;  // offset of its registration
  Uuid incarnation;   // one life of the process
  std::vector<Endpoint> endpoints;
  std::vector<Uuid> log_dirs;
  std::optional<std::string> rack;
  bool fenced = false;
  bool in_controlled_shutdown = false;
  bool operator==(const Broker&) const = default;
};

// What a config belongs to. Names: a topic's; a broker's id, or "" for the default of all brokers.
struct ConfigResource {
  config::ConfigScope scope = config::ConfigScope::topic;
  std::string name;
  auto operator<=>(const ConfigResource&) const = default;
};

// What removals were among the records that an image was made of (a snapshot does not know of them): what is left of that may go.
struct Removed {
  std::set<TopicId> topics;
  std::set<std::tuple<TopicId, PartitionId, BrokerId>> copies;  // of partitions that others have now
  bool operator==(const Removed&) const { return true; }        // not a part of what the image says
};

class Image {
 public:
  // Takes in the record at `offset`. Errc::damaged: it contradicts what came before (an unknown topic, a hole between
  // partitions). Errc::unsupported_version: written by a program that this one cannot follow. Then the image is void.
  Status apply(const AnyRecord& record, Offset offset);

  const std::map<std::string, Topic, std::less<>>& topics() const { return topics_; }
  const Topic* topic(std::string_view name) const;  // nullptr: none
  const Topic* topic(const TopicId& id) const;
  // The topic whose name counts as the same ('.' is '_'), if there is one; of names that have either.
  const Topic* colliding_with(std::string_view name) const;
  // How many partitions it leads.
  size_t led_by(BrokerId id) const;
  const Removed& removed() const { return removed_; }

  const std::map<BrokerId, Broker>& brokers() const { return brokers_; }
  const Broker* broker(BrokerId id) const;

  // The configs set for a resource; an empty map if none are.
  const config::ConfigMap& configs(config::ConfigScope scope, std::string_view name) const;
  const std::map<ConfigResource, config::ConfigMap>& all_configs() const { return configs_; }

  ProducerId next_producer_id() const { return next_producer_id_; }
  const std::map<std::string, int16_t, std::less<>>& features() const { return features_; }

  // The offset that the next record of the log gets.
  Offset next_offset() const { return next_offset_; }
  void set_next_offset(Offset next) { next_offset_ = next; }  // after a snapshot was read

  bool operator==(const Image&) const = default;

 private:
  Status on(const RegisterBrokerRecord&, Offset);
  Status on(const UnregisterBrokerRecord&, Offset);
  Status on(const TopicRecord&, Offset);
  Status on(const PartitionRecord&, Offset);
  Status on(const ConfigRecord&, Offset);
  Status on(const PartitionChangeRecord&, Offset);
  Status on(const FenceBrokerRecord&, Offset);
  Status on(const UnfenceBrokerRecord&, Offset);
  Status on(const RemoveTopicRecord&, Offset);
  Status on(const FeatureLevelRecord&, Offset);
  Status on(const ProducerIdsRecord&, Offset);
  Status on(const BrokerRegistrationChangeRecord&, Offset);
  Status on(const NoOpRecord&, Offset) { return {}; }
  Status on(const BeginTransactionRecord&, Offset) { return {}; }  // whoever replays keeps a transaction together
  Status on(const EndTransactionRecord&, Offset) { return {}; }

  std::map<std::string, Topic, std::less<>> topics_;
  std::map<TopicId, std::string> names_;
  Removed removed_;
  // What the topics say, looked up by others: a topic is made in the same time however many there are.
  struct Derived {
    std::map<std::string, std::string, std::less<>> names_by_form;  // of those with '.' or '_' (names.h)
    std::map<BrokerId, size_t> led;
    bool operator==(const Derived&) const { return true; }
  } derived_;
  std::map<BrokerId, Broker> brokers_;
  std::map<ConfigResource, config::ConfigMap> configs_;
  std::map<std::string, int16_t, std::less<>> features_;
  ProducerId next_producer_id_{0};
  Offset next_offset_{0};
};

// nullptr: there is no such topic or partition.
inline const Partition* find_partition(const Image& image, const TopicId& topic, PartitionId number) {
  const Topic* its = image.topic(topic);
  return its ? its->partition(number) : nullptr;
}

}  // namespace bobbin::metadata
