// TopicWatch: whether the topic that somebody works on is still the one that they began with. A topic is known by its id:
// one that was deleted and made anew under the same name is another log.
#pragma once

#include <cstdint>
#include <string>

#include "base/id.h"
#include "base/result.h"

namespace bobbin::client {

class Session;

class TopicWatch {
 public:
  TopicWatch(std::string name, TopicId id) : name_(std::move(name)), id_(id) {}

  // To be asked after each new picture of the cluster. Errc::unknown_topic_or_partition: it was deleted (it has been
  // missing for a while: a broker may be late with the news); inconsistent_topic_id: it was made anew.
  Status check(Session& session);
  const TopicId& id() const { return id_; }

 private:
  std::string name_;
  TopicId id_;
  int64_t missing_since_ = 0;  // 0: it is there
};

}  // namespace bobbin::client
