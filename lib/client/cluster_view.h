// ClusterView: the picture of the cluster as its last Metadata answer painted it (topology.h), of the topics that are followed,
// and when the next one is to be asked for: soon, not more often than is polite. A server's word is checked like a person's.
//
// Times are the Session's, which sends what ask() makes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "client/call.h"
#include "client/topology.h"

namespace bobbin::client {

class ClusterView {
 public:
  const Topology& topology() const { return topology_; }
  // Grows with every answer that was taken.
  uint64_t version() const { return version_; }
  void follow(const std::string& topic) { followed_.insert(topic); }

  void refresh() { wanted_ = true; }
  // Once more without the pause.
  void allow_at_once(int64_t now_ms) { not_before_ = std::min(not_before_, now_ms); }
  bool is_under_way() const { return under_way_; }
  // When to ask; nothing: it is not wanted, or under way.
  std::optional<int64_t> due_ms() const { return wanted_ && !under_way_ ? std::optional(not_before_) : std::nullopt; }
  // The question, which is under way from now on. `taken` is called after an answer was taken. Must outlive the call.
  Call ask(int64_t now_ms, const std::string& client_id, int64_t timeout_ms_max, std::function<void()> taken);

  // How many answers were none, and why the last.
  uint64_t failures() const { return failures_; }
  const Error& error() const { return error_; }

  // A question for all topics, and its answer, sorted by name.
  static Call ask_for_all(const std::string& client_id);
  static Result<std::vector<TopicView>> all_of(Result<RawAnswer> raw);

 private:
  bool take(Result<RawAnswer> raw);

  Topology topology_;
  uint64_t version_ = 0;
  std::set<std::string> followed_;
  bool wanted_ = false;
  bool under_way_ = false;
  int64_t not_before_ = 0;
  int64_t pause_ms_ = 0;
  int64_t begun_ms_ = 0;  // to ask again and again
  uint64_t failures_ = 0;
  Error error_;
};

}  // namespace bobbin::client
