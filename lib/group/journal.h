// Journal: where a coordinator keeps what must outlive it: records in its partition of __consumer_offsets. The broker passes in
// one that appends to the log; a test, one in memory.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace bobbin::group {

struct JournalRecord {
  std::string key;
  std::optional<std::string> value;  // nothing: a tombstone
  bool operator==(const JournalRecord&) const = default;
};

class Journal {
 public:
  // Runs once, on the deciding thread, maybe before write() returns: the records are promised, as acks=all promises them; or
  // they may not be there, and the error is one that a coordinator answers with.
  using Done = std::function<void(const Status&)>;

  virtual ~Journal() = default;
  // All of them, or none. What was written before is promised before.
  virtual void write(std::vector<JournalRecord> records, Done done) = 0;
};

// What a log that refused says to a member of a group: Kafka's translation, after which clients find the coordinator anew, or
// try again.
Errc coordinator_error(Errc of_log);

}  // namespace bobbin::group
