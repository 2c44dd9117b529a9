// The small text files of Kafka's log directory: offsets per partition (recovery point, high watermark, log start),
// partition.metadata, meta.properties and the mark of a clean shutdown. Each is replaced whole, never half; one that
// does not parse is Errc::damaged, and its reader goes on as if it were not there.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "os/seam.h"

namespace bobbin::log {

inline constexpr std::string_view recovery_point_file = "recovery-point-offset-checkpoint";
inline constexpr std::string_view high_watermark_file = "replication-offset-checkpoint";
inline constexpr std::string_view log_start_file = "log-start-offset-checkpoint";
inline constexpr std::string_view topic_ids_file = "topic-id-checkpoint";  // ours
inline constexpr std::string_view boot_id_file = "boot-id";                // ours: OpenHint::same_boot
inline constexpr std::string_view cleaner_file = "cleaner-offset-checkpoint";
inline constexpr std::string_view clean_shutdown_file = ".kafka_cleanshutdown";
inline constexpr std::string_view meta_properties_file = "meta.properties";
inline constexpr std::string_view partition_metadata_file = "partition.metadata";
inline constexpr std::string_view leader_epoch_file = "leader-epoch-checkpoint";

struct TopicPartition {
  std::string topic;
  PartitionId partition;
  auto operator<=>(const TopicPartition&) const = default;
};
// "orders-0". The reverse: the number after the last '-'.
std::string dir_name(const TopicPartition& which);
std::optional<TopicPartition> parse_dir_name(std::string_view name);
// "orders-0.<id>-delete", for a folder that is no partition any more. A topic's name is cut short where a file's name
// could not hold it (KAFKA-4893); the id is what tells folders apart.
inline constexpr std::string_view deleted_suffix = "-delete", stray_suffix = "-stray", damaged_suffix = "-damaged";
std::string aside_name(const TopicPartition& which, const Uuid& id, std::string_view suffix);

using Checkpoint = std::map<TopicPartition, Offset>;
std::string encode_checkpoint(const Checkpoint& offsets);
Result<Checkpoint> parse_checkpoint(Bytes text);

// Which topics the offsets were of: they are kept by name, and a topic that was made anew has the name of another.
using TopicIds = std::map<std::string, TopicId>;
std::string encode_topic_ids(const TopicIds& ids);
Result<TopicIds> parse_topic_ids(Bytes text);

std::string encode_partition_metadata(TopicId id);
Result<TopicId> parse_partition_metadata(Bytes text);

struct MetaProperties {
  std::string cluster_id;
  BrokerId node = broker_none;
  Uuid directory_id;
  bool operator==(const MetaProperties&) const = default;
};
std::string encode_meta_properties(const MetaProperties& properties);
Result<MetaProperties> parse_meta_properties(Bytes text);

std::string encode_clean_shutdown(BrokerEpoch epoch);
Result<BrokerEpoch> parse_clean_shutdown(Bytes text);

// A file that is not there is empty; one that does not parse is Errc::malformed, and its reader goes on without it. One
// that is larger than any (Errc::damaged) was not cut short by a crash: somebody has to look. Blocks, as writing does.
Result<Checkpoint> read_checkpoint(os::Storage& storage, const std::string& path);
Status write_checkpoint(os::Storage& storage, const std::string& path, const Checkpoint& offsets);

// Whose a partition's folder is, as its partition.metadata says. Errc::not_found: there is none. Blocks.
Result<TopicId> owner_of(os::Storage& storage, const std::string& folder);

}  // namespace bobbin::log
