// What a Consumer reads: of which topics, from where, to where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/id.h"
#include "bobbin/values.h"

namespace bobbin::client {

using api::OutOfRange;
using api::Start;
using api::Stop;

struct Subscription {
  std::string topic;
  std::vector<PartitionId> partitions;        // empty: all, also those that are added later (read from their beginning)
  std::map<PartitionId, Offset> starts = {};  // of partitions that begin elsewhere than ConsumerOptions::start says
  std::map<PartitionId, Offset> stops = {};   // and of those that stop elsewhere
};

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
