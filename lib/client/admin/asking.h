// How the requests of administration are asked, and what their answers share.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/admin/sentences.h"
#include "client/patience.h"
#include "client/request.h"
#include "client/session.h"

namespace bobbin::client {

// Only questions are asked again: who asked to change something and lost the connection does not know what was done.
template <class Request, class Response>
Result<Answer<Response>> ask_until_answered(Session& session, const CallOptions& options, const Request& request) {
  int64_t give_up_at = session.now_ms() + session.target().timeout_ms;
  for (;;) {
    auto answer = ask<Request, Response>(session, options, request);
    if (answer || answer.error().code != Errc::disconnected || session.now_ms() >= give_up_at) return answer;
    BOBBIN_TRY(session.wait({}, retry_pause_ms));
  }
}

// The controller, where that makes a difference: in clusters with ZooKeeper nobody else answers.
inline CallOptions to_controller(const Session& session) {
  CallOptions options;
  if (!session.is_local() && session.topology().nodes.contains(session.topology().controller))
    options.node = session.topology().controller;
  return options;
}

// For changes.
template <class Request, class Response>
Result<Answer<Response>> ask_controller(Session& session, const Request& request) {
  auto answer = ask<Request, Response>(session, to_controller(session), request);
  if (!answer && answer.error().code == Errc::disconnected)
    return error(Errc::no_answer,
                 "the connection was lost before the answer came; look whether it was done, and try again (" +
                     answer.error().message + ")");
  return answer;
}

// A connection is given a moment before its broker counts as not there.
inline bool is_connected(Session& session, BrokerId node) {
  if (session.is_ready(node)) return true;
  for (int i = 0; i < 20 && !session.is_ready(node); i++)
    if (!session.wait({}, 5)) return false;
  return session.is_ready(node);
}

inline int32_t wait_ms(const Session& session) {
  return static_cast<int32_t>(std::clamp<int64_t>(session.target().timeout_ms, 1, 60'000));
}

// What a cluster left out of its answer: it may have been done or not.
inline Error left_out(const std::string& what) {
  return error(Errc::malformed, "the cluster does not say what became of " + what);
}

// The one of an answer's results that is about what was asked for; nullptr: there is none, whatever else it tells of.
template <class Results, class Is>
auto* find_result(Results& results, Is is) {
  auto found = std::find_if(results.begin(), results.end(), is);
  return found == results.end() ? nullptr : &*found;
}

inline Status outcome(int16_t code, const std::optional<std::string>& message, const std::string& what) {
  if (code == 0) return {};
  return kafka_error(code, message, what);
}

// What became of each partition that was asked for, whatever an answer leaves out, adds and repeats. One: {topic,
// partition, status}.
template <class One>
class PartitionOutcomes {
 public:
  // False: it was expected before.
  bool expect(const std::string& topic, PartitionId partition) { return open_.emplace(topic, partition).second; }
  // No partition was named: what is told counts.
  void expect_any() { takes_any_ = true; }
  // Of an answer. What was not asked for, or was told before, is passed over.
  void tell(const std::string& topic, int32_t partition, int16_t code, const std::optional<std::string>& message) {
    const Name name(topic, partition);
    if (open_.erase(name) == 0 && !takes_any_) return;
    told_.push_back({topic, name.second, outcome(code, message, text(name))});
  }
  // In the order in which they were told; then those that were left out, as such.
  std::vector<One> take() {
    for (const Name& name : open_) told_.push_back({name.first, name.second, left_out(text(name))});
    return std::move(told_);
  }

 private:
  using Name = std::pair<std::string, PartitionId>;
  static std::string text(const Name& name) { return name.first + "-" + to_string(name.second); }

  std::set<Name> open_;
  bool takes_any_ = false;
  std::vector<One> told_;
};

}  // namespace bobbin::client
