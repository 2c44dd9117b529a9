// Values that are said of records, topics and positions: plain types that need the standard library alone. The parts of
// the library below this one take them as they are.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bobbin::api {

using std::chrono::milliseconds;

// Milliseconds since 1970, as Kafka counts them.
using Timestamp = std::chrono::sys_time<milliseconds>;
inline constexpr Timestamp no_timestamp{milliseconds(-1)};

enum class Acks : int8_t {
  all = -1,    // by every in-sync replica, and on the disk unless the topic's flush.policy is os
  leader = 1,  // by the leader, in its page cache: survives the death of any process, not a power cut
  none = 0     // given to the socket is enough; nothing is sent again
};
enum class Compression : uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };
enum class Partitioner : uint8_t {
  murmur2,      // by key as Kafka's Java client; without a key one partition until a batch is filled, then another
  crc32,        // by key as librdkafka's consistent_random; without one at random
  sticky,       // as murmur2 does without a key, whatever the key
  round_robin,  // one after the other
  random
};

// Where to begin, for each partition by itself.
struct Start {
  enum class Kind : uint8_t { beginning, end, offset, from_start, from_end, time };
  Kind kind = Kind::beginning;
  int64_t value = 0;

  static Start beginning() { return {}; }
  static Start end() { return {Kind::end, 0}; }
  // Outside the log: see OutOfRange.
  static Start offset(int64_t at) { return {Kind::offset, at}; }
  // So many offsets behind the first, at most the end; so many before the end, at least the beginning.
  static Start from_start(int64_t offsets) { return {Kind::from_start, offsets}; }
  static Start from_end(int64_t offsets) { return {Kind::from_end, offsets}; }
  // The first record at or after this time; none: the end.
  static Start time(Timestamp at) { return {Kind::time, at.time_since_epoch().count()}; }
};

// Where to stop, for each partition by itself; fixed when the consumer is opened.
struct Stop {
  enum class Kind : uint8_t { never, end, offset, time };
  Kind kind = Kind::never;
  int64_t value = 0;

  static Stop never() { return {}; }
  // Where the partition ends now.
  static Stop end() { return {Kind::end, 0}; }
  // The first offset that is not read, or the end if that comes first.
  static Stop offset(int64_t at) { return {Kind::offset, at}; }
  // The first record at or after this time is not read; or the end.
  static Stop time(Timestamp at) { return {Kind::time, at.time_since_epoch().count()}; }
};

// What to do when a position is not in the log, because it never was or because retention took what was there.
enum class OutOfRange : uint8_t { fail, beginning, end };

// Which offset of a partition is asked for.
struct At {
  enum class Kind : uint8_t { earliest, latest, time, max_timestamp };
  Kind kind = Kind::latest;
  Timestamp when = no_timestamp;

  static At earliest() { return {Kind::earliest, no_timestamp}; }
  static At latest() { return {}; }  // the end: of the record that comes next
  static At time(Timestamp when) {
    return {Kind::time, when};
  }  // the first record at or after it; any time, also before 1970
  static At max_timestamp() { return {Kind::max_timestamp, no_timestamp}; }
};

struct Config {
  std::string name{};
  std::string value{};

  bool operator==(const Config&) const = default;
};

struct NewTopic {
  std::string name{};
  int32_t partitions = -1;          // -1: the brokers' num.partitions
  int16_t replication_factor = -1;  // -1: the brokers' default
  std::vector<Config> configs{};    // Kafka's names and units; only those that differ from the brokers' defaults
};

struct ConfigChange {
  enum class Operation : int8_t { set = 0, unset = 1, append = 2, subtract = 3 };  // the last two: of lists
  std::string name{};
  std::string value{};
  Operation operation = Operation::set;
};

}  // namespace bobbin::api
