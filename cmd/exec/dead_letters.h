// DeadLetters: sends what no command took to the topics of dead letters (dead_letter.h), which it makes where they are not there.
// A record counts as passed on when its dead letter was acknowledged.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/producer/producer.h"
#include "cmd/exec/dead_letter.h"
#include "cmd/exec/schedule.h"

namespace bobbin::cmd {

class DeadLetters {
 public:
  // The session must outlive it.
  explicit DeadLetters(client::Session& session) : session_(session) {}

  // Takes the record. Blocks where it is the first one of its topic. Errc::message_too_large: with the headers of a dead
  // letter it is larger than the topic's max.message.bytes.
  Status send(LaneId lane, const OwnedRecord& record, const Death& death);
  // Sends, and takes what was answered in. An error: one was refused, or nobody answers.
  Status poll();
  // Nothing is under way.
  bool is_idle() const;
  // The lanes of those that were acknowledged since.
  std::vector<LaneId> acknowledged() { return std::exchange(acknowledged_, {}); }
  // How many were acknowledged, by their topics.
  const std::map<std::string, uint64_t>& counts() const { return counts_; }

 private:
  Result<client::Producer*> producer_for(const std::string& topic, const std::string& name);

  client::Session& session_;
  std::map<std::string, std::unique_ptr<client::Producer>> producers_;  // by the topics of dead letters
  std::vector<LaneId> acknowledged_;
  std::map<std::string, uint64_t> counts_;
};

}  // namespace bobbin::cmd
