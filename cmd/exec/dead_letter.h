// Dead letters: records that no command took, as they lie in the topic TOPIC.GROUP.dlq: key, value and headers are theirs, and
// behind the headers stand those that say where the record came from and why it is here:
//
//   __bobbin.errors.topic       its topic                 __bobbin.errors.group     the group that gave it up
//   __bobbin.errors.partition   its partition             __bobbin.errors.attempts  how often the command was run
//   __bobbin.errors.offset      its offset                __bobbin.errors.reason    how it ended: "exit code 3"
//   __bobbin.errors.timestamp   its time, in milliseconds
//
// All are text, numbers in decimals, and the topic is the first. A record that was a dead letter before keeps the headers
// that it came with: the last topic is that of this one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "cmd/exec/owned_record.h"
#include "os/child.h"

namespace bobbin::cmd {

// Errc::usage: no topic can be called so, as the group has letters that no topic's name has, or a name that is too long.
Result<std::string> dead_letters_of(const std::string& topic, const std::string& group);

// "exit code 3", "signal 9 (Killed)"
std::string reason_of(const os::ChildEnd& end);

struct Death {
  std::string group;
  int attempts = 0;
  std::string reason;
};

class DeadLetter {
 public:
  DeadLetter(const OwnedRecord& record, const Death& death);
  DeadLetter(const DeadLetter&) = delete;
  DeadLetter& operator=(const DeadLetter&) = delete;
  // All of them; views of the record and of this. Errc::malformed: its own headers cannot be read.
  Result<std::vector<record::Header>> headers() const;

 private:
  const OwnedRecord& record_;
  std::vector<std::pair<std::string_view, std::string>> told_;
};

// Where a dead letter came from, and what it was.
struct Origin {
  std::string topic;
  PartitionId partition;
  Offset offset;
  Timestamp timestamp;
  std::vector<record::Header> headers;  // its own; views of those it was read from
};
// Errc::malformed: it is no dead letter, with what is missing or wrong.
Result<Origin> origin_of(const std::vector<record::Header>& headers);

}  // namespace bobbin::cmd
