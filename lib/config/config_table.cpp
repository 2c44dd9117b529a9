// The table of settings. A row here is a promise that something acts on it.
#include "config/config_table.h"

#include <algorithm>
#include <array>
#include <limits>

namespace bobbin::config {
namespace {

using enum ConfigType;
using enum ConfigUnit;
using Names = std::span<const std::string_view>;

constexpr int64_t i32 = std::numeric_limits<int32_t>::max();
constexpr int64_t i64 = std::numeric_limits<int64_t>::max();
constexpr std::string_view forever = "9223372036854775807";

template <size_t N>
using Words = std::array<std::string_view, N>;

constexpr Words<2> cleanup_policies{"compact", "delete"};
constexpr Words<6> compressions{"producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"};
constexpr Words<2> flush_policies{"ack", "os"};
constexpr Words<2> timestamp_types{"CreateTime", "LogAppendTime"};

constexpr Words<1> cleanup_policy_behind{"log.cleanup.policy"};
constexpr Words<1> compression_behind{"compression.type"};
constexpr Words<1> delete_delay_behind{"log.segment.delete.delay.ms"};
constexpr Words<1> flush_policy_behind{"flush.policy"};
constexpr Words<1> index_interval_behind{"log.index.interval.bytes"};
constexpr Words<1> message_max_behind{"message.max.bytes"};
constexpr Words<1> after_max_behind{"log.message.timestamp.after.max.ms"};
constexpr Words<1> before_max_behind{"log.message.timestamp.before.max.ms"};
constexpr Words<1> timestamp_type_behind{"log.message.timestamp.type"};
constexpr Words<1> min_insync_behind{"min.insync.replicas"};
constexpr Words<1> retention_bytes_behind{"log.retention.bytes"};
constexpr Words<3> retention_ms_behind{"log.retention.ms", "log.retention.minutes", "log.retention.hours"};
constexpr Words<1> segment_bytes_behind{"log.segment.bytes"};
constexpr Words<1> index_bytes_behind{"log.index.size.max.bytes"};
constexpr Words<2> jitter_behind{"log.roll.jitter.ms", "log.roll.jitter.hours"};
constexpr Words<2> segment_ms_behind{"log.roll.ms", "log.roll.hours"};

constexpr ConfigKey number(ConfigScope scope, std::string_view key, ConfigType type, ConfigUnit unit,
                           std::string_view value, int64_t min, Names synonyms, std::string_view doc) {
  ConfigKey made{key,       scope, type, unit,     value, std::max<int64_t>(min, 0), type == int32 ? i32 : i64,
                 min == -1, 0,     {},   synonyms, doc};
  made.min_before = made.min;
  return made;
}
constexpr ConfigKey word(ConfigScope scope, std::string_view key, ConfigType type, std::string_view value, Names words,
                         Names synonyms, std::string_view doc) {
  return {key, scope, type, none, value, 0, 0, false, 0, words, synonyms, doc};
}

constexpr ConfigKey opening_doors(ConfigKey key) {
  key.opens_door = true;
  return key;
}

// Less, which earlier versions took, would keep those out who want to change it.
constexpr ConfigKey at_least(int64_t min, ConfigKey key) {
  key.min = min;
  return key;
}

constexpr ConfigScope t = ConfigScope::topic;
constexpr ConfigScope b = ConfigScope::broker;

constexpr std::array topic_table{
    word(t, "cleanup.policy", list, "delete", cleanup_policies, cleanup_policy_behind,
         "What becomes of old records: 'delete' drops whole segments by age and size, 'compact' keeps the last record "
         "of each key (not compacted yet), both, or nothing."),
    word(t, "compression.type", string, "producer", compressions, compression_behind,
         "How batches are stored: as the producer sent them, or in this codec."),
    number(t, "file.delete.delay.ms", int64, ms, "60000", 0, delete_delay_behind,
           "How long a deleted segment's file stays on disk under another name."),
    word(t, "flush.policy", string, "ack", flush_policies, flush_policy_behind,
         "'ack': a record is acknowledged to acks=all, and shown to consumers, once it is on the disk. 'os': once it "
         "is in the page cache; a power cut can take it back."),
    word(t, "follower.replication.throttled.replicas", list, "", {}, {},
         "Which copies that are behind keep to follower.replication.throttled.rate besides those that a move makes: "
         "PARTITION:BROKER with commas, of the brokers that make them, or '*'."),
    number(t, "index.interval.bytes", int32, bytes, "4096", 0, index_interval_behind,
           "How many bytes of log lie between two entries of an index."),
    word(t, "leader.replication.throttled.replicas", list, "", {}, {},
         "Which leaders keep to leader.replication.throttled.rate with followers that are behind, besides those that a "
         "move makes: PARTITION:BROKER with commas, of the brokers that lead, or '*'."),
    number(t, "max.message.bytes", int32, bytes, "1048588", 0, message_max_behind,
           "The largest batch that is accepted, as it is sent (after compression)."),
    number(t, "message.timestamp.after.max.ms", int64, ms, "3600000", 0, after_max_behind,
           "How far a record's timestamp may lie in the future."),
    number(t, "message.timestamp.before.max.ms", int64, ms, forever, 0, before_max_behind,
           "How far a record's timestamp may lie in the past."),
    word(t, "message.timestamp.type", string, "CreateTime", timestamp_types, timestamp_type_behind,
         "Whether a record keeps its producer's time or gets the time when it was appended."),
    number(t, "min.insync.replicas", int32, none, "1", 1, min_insync_behind,
           "How many replicas must hold a record of acks=all; never more than the topic has."),
    number(t, "retention.bytes", int64, bytes, "-1", -1, retention_bytes_behind,
           "How large a partition may grow before its oldest segments are deleted; -1: no limit."),
    number(t, "retention.ms", int64, ms, "604800000", -1, retention_ms_behind,
           "How old a segment's newest record may become before the segment is deleted; -1: no limit."),
    number(t, "segment.bytes", int32, bytes, "1073741824", 1 << 20, segment_bytes_behind,
           "The size at which a new segment is begun."),
    number(t, "segment.index.bytes", int32, bytes, "10485760", 4, index_bytes_behind,
           "The size of an index at which a new segment is begun."),
    number(t, "segment.jitter.ms", int64, ms, "0", 0, jitter_behind,
           "At most how much earlier than segment.ms a segment is ended, at random."),
    number(t, "segment.ms", int64, ms, "604800000", 1, segment_ms_behind,
           "After how much time a new segment is begun."),
};

constexpr std::array broker_table{
    word(b, "auto.create.topics.enable", boolean, "true", {}, {}, "Whether producing to a missing topic makes it."),
    word(b, "auto.leader.rebalance.enable", boolean, "true", {}, {},
         "Whether leaders go back by themselves to the brokers where they were placed."),
    number(b, "broker.session.timeout.ms", int32, ms, "6000", 500, {},
           "After how much silence a broker that lives and does not answer is taken for dead by those that follow it, "
           "and killed."),
    word(b, "compression.type", string, "producer", compressions, {}, "compression.type of topics that do not set it."),
    number(b, "connections.max.idle.ms", int64, ms, "600000", 1, {}, "After how much silence a connection is closed."),
    opening_doors(
        word(b, "core.dumps.enable", boolean, "false", {}, {},
             "Whether a broker that crashes leaves a core dump, which holds records, where the machine puts them.")),
    number(b, "default.replication.factor", int32, none, "1", 1, {},
           "Replicas of a topic that is made without saying how many."),
    word(b, "flush.policy", string, "ack", flush_policies, {}, "flush.policy of topics that do not set it."),
    number(b, "follower.replication.throttled.rate", int64, bytes, forever, 1, {},
           "How many bytes a second a broker copies of partitions that are moved to it, until it is in sync; and of "
           "those in follower.replication.throttled.replicas."),
    number(b, "group.initial.rebalance.delay.ms", int32, ms, "3000", 0, {},
           "How long the first members of a group wait for others that may follow. Members of this machine only where "
           "it is set."),
    number(b, "group.max.session.timeout.ms", int32, ms, "1800000", 0, {},
           "The longest session.timeout.ms that a member of a group may have."),
    number(b, "group.max.size", int32, none, "2147483647", 1, {}, "How many members a group has at most."),
    number(b, "group.memory.max.bytes", int64, bytes, "268435456", 1 << 20, {},
           "How much all groups of a broker may hold in memory: members, what they read and are given, and positions. "
           "More "
           "members are refused (GROUP_MAX_SIZE_REACHED), and new positions (INVALID_COMMIT_OFFSET_SIZE)."),
    number(b, "group.min.session.timeout.ms", int32, ms, "6000", 0, {},
           "The shortest session.timeout.ms that a member of a group may have."),
    number(b, "idle.exit.ms", int64, ms, "30000", -1, {},
           "After how much time without clients a broker that a command started ends itself; -1: never."),
    opening_doors(word(b, "insecure.listen.enable", boolean, "false", {}, {},
                       "Whether 'listeners' may be an address that other machines reach. Whoever reaches it reads, "
                       "writes and deletes without being asked who he is.")),
    number(b, "leader.imbalance.check.interval.seconds", int64, seconds, "300", 1, {},
           "How often it is looked whether leaders are to go back, with auto.leader.rebalance.enable."),
    number(
        b, "leader.imbalance.per.broker.percentage", int32, none, "10", 0, {},
        "Of how many of a hundred of the partitions that a broker was placed to lead, the leaders may be others before "
        "they go back."),
    number(
        b, "leader.replication.throttled.rate", int64, bytes, forever, 1, {},
        "How many bytes a second of what it leads a broker gives to those that a move makes followers, until they are "
        "in sync; and of what is in leader.replication.throttled.replicas."),
    opening_doors(
        word(b, "listeners", string, "", {}, {},
             "HOST:PORT of the TCP listener of broker 1, broker N listens N-1 ports above; empty: none. Port 0: any "
             "free one. "
             "No host, '*' or '[::]' is every interface; one that other machines reach needs insecure.listen.enable.")),
    word(b, "log.cleanup.policy", list, "delete", cleanup_policies, {}, "cleanup.policy of topics that do not set it."),
    number(b, "log.index.interval.bytes", int32, bytes, "4096", 0, {},
           "index.interval.bytes of topics that do not set it."),
    number(b, "log.index.size.max.bytes", int32, bytes, "10485760", 4, {},
           "segment.index.bytes of topics that do not set it."),
    number(b, "log.message.timestamp.after.max.ms", int64, ms, "3600000", 0, {},
           "message.timestamp.after.max.ms of topics that do not set it."),
    number(b, "log.message.timestamp.before.max.ms", int64, ms, forever, 0, {},
           "message.timestamp.before.max.ms of topics that do not set it."),
    word(b, "log.message.timestamp.type", string, "CreateTime", timestamp_types, {},
         "message.timestamp.type of topics that do not set it."),
    number(b, "log.retention.bytes", int64, bytes, "-1", -1, {}, "retention.bytes of topics that do not set it."),
    number(b, "log.retention.check.interval.ms", int64, ms, "300000", 1, {}, "How often old segments are looked for."),
    number(b, "log.retention.hours", int32, hours, "168", -1, {},
           "retention.ms of topics that do not set it, in hours; log.retention.minutes and .ms come before it."),
    number(b, "log.retention.minutes", int32, minutes, "", -1, {},
           "retention.ms of topics that do not set it, in minutes; log.retention.ms comes before it."),
    number(b, "log.retention.ms", int64, ms, "", -1, {}, "retention.ms of topics that do not set it."),
    number(b, "log.roll.hours", int32, hours, "168", 1, {},
           "segment.ms of topics that do not set it, in hours; log.roll.ms comes before it."),
    number(b, "log.roll.jitter.hours", int32, hours, "0", 0, {},
           "segment.jitter.ms of topics that do not set it, in hours; log.roll.jitter.ms comes before it."),
    number(b, "log.roll.jitter.ms", int64, ms, "", 0, {}, "segment.jitter.ms of topics that do not set it."),
    number(b, "log.roll.ms", int64, ms, "", 1, {}, "segment.ms of topics that do not set it."),
    number(b, "log.segment.bytes", int32, bytes, "1073741824", 1 << 20, {},
           "segment.bytes of topics that do not set it."),
    number(b, "log.segment.delete.delay.ms", int64, ms, "60000", 0, {},
           "file.delete.delay.ms of topics that do not set it."),
    number(b, "max.connection.creation.rate", int32, none, "2147483647", 1, {},
           "How many connections over TCP are let in each second; more wait. Local clients do not."),
    number(b, "max.connections", int32, none, "2147483647", 1, {},
           "Beyond so many connections those over TCP wait until one goes; local clients come in all the same. Never "
           "more than the "
           "limit of descriptors allows, and an eighth of these is for local clients alone."),
    at_least(1, number(b, "max.connections.per.ip", int32, none, "2147483647", 0, {},
                       "How many connections over TCP one address has at most; more are closed at once.")),
    number(b, "message.max.bytes", int32, bytes, "1048588", 0, {}, "max.message.bytes of topics that do not set it."),
    number(b, "min.insync.replicas", int32, none, "1", 1, {}, "min.insync.replicas of topics that do not set it."),
    number(b, "num.partitions", int32, none, "1", 1, {}, "Partitions of a topic that is made without saying how many."),
    number(b, "offset.metadata.max.bytes", int32, bytes, "4096", 0, {},
           "How much a consumer may note beside a position that it commits: characters, as Kafka counts them."),
    number(b, "offsets.retention.check.interval.ms", int64, ms, "600000", 1, {},
           "How often positions are looked for whose time is over."),
    number(b, "offsets.retention.minutes", int32, minutes, "10080", 1, {},
           "How long the positions of a group are kept after its last member has left, and of one that never had "
           "members after they were committed."),
    number(b, "offsets.topic.num.partitions", int32, none, "50", 1, {},
           "Partitions of __consumer_offsets, when it is made."),
    number(b, "offsets.topic.replication.factor", int32, none, "3", 1, {},
           "Replicas of __consumer_offsets, when it is made; no more than there are brokers by then."),
    number(b, "offsets.topic.segment.bytes", int32, bytes, "16777216", 1048576, {},
           "segment.bytes of __consumer_offsets, when it is made: all of it is read when another broker coordinates."),
    number(b, "producer.id.expiration.ms", int64, ms, "86400000", 1, {},
           "After how much time without records a producer's sequence numbers are forgotten."),
    at_least(
        16384,
        number(b, "queued.max.request.bytes", int64, bytes, "268435456", -1, {},
               "Memory for requests that are received or waiting; when it is used up, large requests are read later. "
               "At least 16KiB, for a request that changes configs; -1: no limit.")),
    number(b, "replica.lag.time.max.ms", int64, ms, "30000", 1, {},
           "How long a follower may be behind before it is not in sync any more."),
    number(b, "socket.request.max.bytes", int32, bytes, "104857600", 16384, {}, "The largest request that is read."),
};

constexpr std::array<std::string_view, 17> refused_of_topics{"compression.gzip.level",
                                                             "compression.lz4.level",
                                                             "compression.zstd.level",
                                                             "delete.retention.ms",
                                                             "flush.messages",
                                                             "flush.ms",
                                                             "local.retention.bytes",
                                                             "local.retention.ms",
                                                             "max.compaction.lag.ms",
                                                             "message.downconversion.enable",
                                                             "min.cleanable.dirty.ratio",
                                                             "min.compaction.lag.ms",
                                                             "preallocate",
                                                             "remote.log.copy.disable",
                                                             "remote.log.delete.on.disable",
                                                             "remote.storage.enable",
                                                             "unclean.leader.election.enable"};

constexpr std::array<std::string_view, 41> refused_of_brokers{"advertised.listeners",
                                                              "background.threads",
                                                              "broker.heartbeat.interval.ms",
                                                              "broker.id",
                                                              "broker.rack",
                                                              "controlled.shutdown.enable",
                                                              "controller.listener.names",
                                                              "controller.quorum.bootstrap.servers",
                                                              "controller.quorum.voters",
                                                              "delete.topic.enable",
                                                              "fetch.max.bytes",
                                                              "inter.broker.listener.name",
                                                              "inter.broker.protocol.version",
                                                              "listener.security.protocol.map",
                                                              "log.cleaner.delete.retention.ms",
                                                              "log.cleaner.enable",
                                                              "log.cleaner.threads",
                                                              "log.dir",
                                                              "log.dirs",
                                                              "log.flush.interval.messages",
                                                              "log.flush.interval.ms",
                                                              "log.flush.scheduler.interval.ms",
                                                              "log.message.downconversion.enable",
                                                              "log.message.format.version",
                                                              "log.preallocate",
                                                              "metadata.log.dir",
                                                              "metric.reporters",
                                                              "node.id",
                                                              "num.io.threads",
                                                              "num.network.threads",
                                                              "num.recovery.threads.per.data.dir",
                                                              "num.replica.fetchers",
                                                              "process.roles",
                                                              "queued.max.requests",
                                                              "replica.fetch.max.bytes",
                                                              "request.timeout.ms",
                                                              "security.inter.broker.protocol",
                                                              "transaction.state.log.min.isr",
                                                              "transaction.state.log.replication.factor",
                                                              "unclean.leader.election.enable",
                                                              "zookeeper.connect"};

}  // namespace

std::span<const ConfigKey> topic_configs() { return topic_table; }
std::span<const ConfigKey> broker_configs() { return broker_table; }

std::span<const std::string_view> refused_configs(ConfigScope scope) {
  if (scope == ConfigScope::topic) return refused_of_topics;
  return refused_of_brokers;
}

}  // namespace bobbin::config
