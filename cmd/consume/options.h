// What a consume shall do, read from its arguments: everything is checked here, before a cluster is asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/consumer/consumer.h"
#include "cmd/output/format.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

// Commands take the records, in place of standard output.
struct ExecOptions {
  std::string command;
  bool takes_batches = false;
  size_t batch_records_max = 1;
  size_t workers = 1;
  int retries = 3;
  int64_t backoff_ms = 200;
};

struct ConsumeOptions {
  std::vector<std::string> topics;  // names, or regular expressions
  bool regex = false;
  std::vector<PartitionId> partitions;
  client::Start start;
  bool has_start = false;  // it was said
  client::Stop stop;
  std::optional<uint64_t> records_max;
  std::optional<int64_t> idle_timeout_ms;
  std::optional<std::string> group;
  enum class Commit { each, batch, exit, none };
  Commit commit = Commit::batch;
  bool at_most_once = false;        // positions are committed before records are written
  std::optional<ExecOptions> exec;  // in a group
  bool unbuffered = false;
  bool raw = false;
  Format format;

  bool is_bounded() const { return stop.kind != client::Stop::Kind::never; }
};

// Errc::usage with a sentence.
Result<ConsumeOptions> read_consume_options(const Arguments& arguments, Timestamp now);

}  // namespace bobbin::cmd
