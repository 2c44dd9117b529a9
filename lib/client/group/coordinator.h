// Coordinator: which broker coordinates a group, as far as is known.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/id.h"
#include "client/request.h"

namespace bobbin::client {

class Coordinator {
 public:
  Coordinator(Session& session, std::string group) : session_(session), group_(std::move(group)) {}
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  // Nothing: it is being asked for, from now on at the latest, with pauses. news() says when to look again.
  std::optional<BrokerId> node();
  // It is another one, or does not answer.
  void lost();
  // Nobody could say who it is for so long, in milliseconds.
  int64_t missing_ms() const { return node_ ? 0 : session_.now_ms() - missing_since_; }
  // When to call node() although nothing happened; INT64_MAX: not at all.
  int64_t due_ms() const { return node_ || asking_ ? INT64_MAX : not_before_; }
  const std::string& group() const { return group_; }
  // Why nobody said it the last time.
  const std::string& trouble() const { return trouble_; }

  // A request to it, if it is known; `done` is told. False: it is not known yet, and nothing was sent.
  template <class Request, class Response>
  bool send(Request message, int64_t timeout_ms, std::function<void(Result<Answer<Response>>)> done) {
    const auto to = node();
    if (!to) return false;
    CallOptions options;
    options.node = *to;
    options.lane = Lane::group;
    options.timeout_ms = timeout_ms;
    request<Request, Response>(session_, options, std::move(message), std::move(done));
    return true;
  }

 private:
  void asked(Errc code, std::string why, BrokerId node);

  Session& session_;
  std::string group_;
  std::shared_ptr<Coordinator*> self_ = std::make_shared<Coordinator*>(this);
  std::optional<BrokerId> node_;
  bool asking_ = false;
  int64_t not_before_ = 0, missing_since_ = session_.now_ms();
  std::string trouble_;

 public:
  ~Coordinator() { *self_ = nullptr; }
};

// Errors after which the coordinator is looked for anew, or asked once more.
bool is_of_coordinator(Errc code);

}  // namespace bobbin::client
