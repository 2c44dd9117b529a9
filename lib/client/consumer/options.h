// What a Consumer reads: of which topics, from where, to where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/id.h"

namespace bobbin::client {

// Where to begin, for each partition by itself.
struct Start {
  enum class Kind : uint8_t {
    beginning,
    end,
    offset,      // value: the offset; outside the log: Errc::offset_out_of_range, with the range
    from_start,  // value: so many records behind the first (offsets, to be exact), at most the end
    from_end,    // value: so many before the end, at least the beginning
    time         // value: the first record at or after these milliseconds; none: the end
  };
  Kind kind = Kind::beginning;
  int64_t value = 0;
};

// Where to stop, for each partition by itself; fixed when reading begins.
struct Stop {
  enum class Kind : uint8_t {
    never,
    end,     // where the partition ended then
    offset,  // value: the first offset that is not read, or the end if that comes first
    time     // value: the first record at or after these milliseconds is not read; or the end
  };
  Kind kind = Kind::never;
  int64_t value = 0;
};

struct Subscription {
  std::string topic;
  std::vector<PartitionId> partitions;        // empty: all, also those that are added later (read from their beginning)
  std::map<PartitionId, Offset> starts = {};  // of partitions that begin elsewhere than ConsumerOptions::start says
};

enum class OutOfRange : uint8_t { fail, beginning, end };

// How partitions are read, whichever they are.
struct ReadOptions {
  OutOfRange out_of_range = OutOfRange::fail;
  int64_t timeout_ms = 10'000;  // without an answer from a broker that is needed, then Errc::no_answer
  int32_t fetch_bytes_max = 8 << 20;
  int32_t partition_bytes_max = 1 << 20;
  int32_t fetch_wait_ms = 500;         // how long a broker may hold a Fetch that has nothing to answer
  size_t batch_bytes_max = 256 << 20;  // of one batch, as it came and decompressed
  bool read_in_place = true;           // of a cluster on this machine, from the leaders' files
};

struct ConsumerOptions : ReadOptions {
  std::vector<Subscription> topics;
  Start start;
  Stop stop;
  bool wait_for_topics = false;  // a topic that is not there is waited for, then read from its first record
};

}  // namespace bobbin::client
