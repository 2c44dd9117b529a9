// Admin: makes, changes, deletes and describes topics, and tells of the cluster and of offsets.
//
//   auto admin = bobbin::api::Admin::open({});
//   if (!admin) return complain(admin.error());
//   auto made = admin->create_topic({.name = "orders", .partitions = 4, .configs = {{"retention.ms", "3600000"}}});
//
// Every call blocks until it is answered, at most cluster.timeout without an answer: then no_answer, and what it asked
// for may have been done or not. A Result that failed says that the question did not get through; what the cluster said
// of one item is in that item's status.
//
// Threads: an Admin is used by one thread at a time and starts none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bobbin/cluster.h"
#include "bobbin/error.h"
#include "bobbin/values.h"

namespace bobbin::api {

struct Outcome {
  std::string name{};
  Status status{};
};

struct Partition {
  Status status{};  // leader_not_available: nobody leads it at the moment
  int32_t partition = 0;
  std::optional<int32_t> leader{};  // a broker's id
  int32_t leader_epoch = -1;
  std::vector<int32_t> replicas{};
  std::vector<int32_t> in_sync{};
  std::vector<int32_t> offline{};
};

struct Topic {
  std::string name{};
  Status status{};   // unknown_topic_or_partition: it is not there
  std::string id{};  // 22 characters, as Kafka writes it; a deleted topic and a new one of the same
                     // name differ by it. Empty: the cluster is too old to have them
  bool internal = false;
  std::vector<Partition> partitions{};  // by number
};

struct ConfigEntry {
  // Kafka's numbers.
  enum class Source : int8_t {
    unknown = 0,
    topic = 1,
    dynamic_broker = 2,
    dynamic_default = 3,
    static_broker = 4,
    built_in = 5
  };
  std::string name{};
  std::optional<std::string> value{};  // none: it is secret, or null
  Source source = Source::unknown;     // who set it
  bool read_only = false;
  std::string documentation{};
};

struct Broker {
  int32_t id = 0;
  std::string host{};
  int32_t port = 0;  // 0: it listens on no port, only on this machine's sockets
  std::optional<std::string> rack{};
};

struct ClusterDescription {
  std::string id{};
  std::optional<int32_t> controller{};
  std::vector<Broker> brokers{};  // by id
};

struct PartitionOffset {
  int32_t partition = 0;
  Status status{};
  std::optional<int64_t> offset{};       // none: no such record
  std::optional<Timestamp> timestamp{};  // of that record, where a time was asked for
};

class Admin {
 public:
  // Connects; starts a broker where that is allowed and none lives. Blocks. no_answer, stopped, usage.
  static Result<Admin> open(const Cluster& cluster);
  ~Admin();
  // What was moved from can be assigned to or destroyed, and nothing else.
  Admin(Admin&&) noexcept;
  Admin& operator=(Admin&&) noexcept;

  // Each in the order given. topic_already_exists, invalid_topic_exception, invalid_partitions,
  // invalid_replication_factor, invalid_config. `validate_only` asks what would be said and makes nothing.
  Result<std::vector<Outcome>> create_topics(const std::vector<NewTopic>& topics, bool validate_only = false);
  Result<std::vector<Outcome>> delete_topics(const std::vector<std::string>& names);
  // The same of one, its status joined with the call's.
  Status create_topic(const NewTopic& topic);
  Status delete_topic(const std::string& name);
  // `total`: how many there shall be, not how many more. invalid_partitions.
  Status create_partitions(const std::string& topic, int32_t total, bool validate_only = false);

  // All, by name; internal ones are marked.
  Result<std::vector<Topic>> list_topics();
  // Each in the order given, with its status where it is not there.
  Result<std::vector<Topic>> describe_topics(const std::vector<std::string>& names);
  Result<ClusterDescription> describe_cluster();

  // All configs that count for the topic, or for the broker with this id.
  Result<std::vector<ConfigEntry>> topic_configs(const std::string& topic);
  Result<std::vector<ConfigEntry>> broker_configs(int32_t broker);
  // All of the changes or none. invalid_config.
  Status change_topic_configs(const std::string& topic, const std::vector<ConfigChange>& changes,
                              bool validate_only = false);
  Status change_broker_configs(int32_t broker, const std::vector<ConfigChange>& changes, bool validate_only = false);

  // Of every partition of the topic, or of those named; asked of their leaders. unknown_topic_or_partition.
  Result<std::vector<PartitionOffset>> offsets(const std::string& topic, At at,
                                               const std::vector<int32_t>& partitions = {});

 private:
  struct State;
  explicit Admin(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bobbin::api
