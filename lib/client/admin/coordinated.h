// Questions about groups, which their coordinators alone answer: each is asked again where another broker coordinates the group by
// now, or its coordinator is not ready, until the target's time-out is over.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/group/coordinator.h"
#include "client/patience.h"
#include "client/request.h"
#include "client/session.h"

namespace bobbin::client {

template <class Request, class Response>
class CoordinatorQuestion {
 public:
  // What an answer says of the coordinator, or of the question as a whole.
  using CodeOf = Errc (*)(const Answer<Response>&);
  CoordinatorQuestion(Session& session, std::string group, Request message, CodeOf code_of,
                      int16_t version_max = 0x7fff)
      : session_(session), message_(std::move(message)), code_of_(code_of), coordinator_(session, std::move(group)) {
    options_.version_max = version_max;
  }
  ~CoordinatorQuestion() { *self_ = nullptr; }
  CoordinatorQuestion(const CoordinatorQuestion&) = delete;
  CoordinatorQuestion& operator=(const CoordinatorQuestion&) = delete;

  // Begins what is to be begun. True: it is over.
  bool advance() {
    const int64_t now = session_.now_ms();
    if (told_ || under_way_) return told_.has_value();
    if (now >= give_up_at_) told_ = nobody();
    else if (now >= not_before_)
      if (const auto node = coordinator_.node()) ask(*node, give_up_at_ - now);
    return told_.has_value();
  }
  // When to call it although nothing happened.
  int64_t due_ms() const {
    if (under_way_) return INT64_MAX;
    return std::min(give_up_at_, session_.now_ms() < not_before_ ? not_before_ : coordinator_.due_ms());
  }
  const std::string& group() const { return coordinator_.group(); }
  // Who was asked last.
  BrokerId coordinator() const { return options_.node; }
  // Whether a connection was lost before an answer came, so that it may have been done by a question before the last.
  bool was_lost() const { return was_lost_; }
  bool is_over() const { return told_.has_value(); }
  // Instead of when the target's time-out is over.
  void give_up_at(int64_t when_ms) { give_up_at_ = when_ms; }
  // Once it is over. no_answer: nobody coordinated the group in time.
  Result<Answer<Response>>& told() { return *told_; }

 private:
  void ask(BrokerId node, int64_t timeout_ms) {
    under_way_ = true;
    options_.node = node;
    options_.timeout_ms = timeout_ms;
    request<Request, Response>(session_, options_, message_, [self = self_](Result<Answer<Response>> answer) {
      if (*self) (*self)->answered(std::move(answer));
    });
  }
  void answered(Result<Answer<Response>> answer) {
    under_way_ = false;
    const Errc code = answer ? code_of_(*answer) : answer.error().code;
    was_lost_ |= code == Errc::disconnected;
    if (!is_of_coordinator(code) && code != Errc::disconnected) {
      told_ = std::move(answer);
      return;
    }
    trouble_ = answer ? std::string(name(code)) : answer.error().message;
    if (code != Errc::coordinator_load_in_progress) coordinator_.lost();
    not_before_ = session_.now_ms() + pause_after(session_.now_ms() - begun_, pause_ms_max);
  }
  Error nobody() const {
    const std::string& why = trouble_.empty() ? coordinator_.trouble() : trouble_;
    return error(Errc::no_answer,
                 "group " + group() + ": no broker coordinates it now" + (why.empty() ? "" : " (" + why + ")"));
  }

  static constexpr int64_t pause_ms_max = 100;
  Session& session_;
  Request message_;
  CodeOf code_of_;
  Coordinator coordinator_;
  CallOptions options_;
  std::shared_ptr<CoordinatorQuestion*> self_ = std::make_shared<CoordinatorQuestion*>(this);
  std::optional<Result<Answer<Response>>> told_;
  bool under_way_ = false, was_lost_ = false;
  const int64_t begun_ = session_.now_ms();
  int64_t give_up_at_ = begun_ + session_.target().timeout_ms, not_before_ = 0;
  std::string trouble_;
};

// All of them, so many at a time. The time-out is of all together: it begins anew with each answer.
template <class Question>
Result<std::vector<std::unique_ptr<Question>>> ask_side_by_side(
    Session& session, size_t count, const std::function<std::unique_ptr<Question>(size_t)>& make) {
  constexpr size_t at_a_time = 64;
  std::vector<std::unique_ptr<Question>> all;
  int64_t answered_at = session.now_ms();
  for (;;) {
    size_t open = 0;
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < count && open < at_a_time; i++) {
      if (i == all.size()) {
        all.push_back(make(i));
        all.back()->give_up_at(answered_at + session.target().timeout_ms);
      }
      if (all[i]->is_over()) continue;
      if (all[i]->advance()) {
        if (all[i]->told()) answered_at = session.now_ms();
        continue;
      }
      open++;
      due = std::min(due, all[i]->due_ms());
    }
    if (open == 0) return all;
    BOBBIN_TRY(session.wait({}, due == INT64_MAX ? -1 : std::max<int64_t>(due - session.now_ms(), 0)));
  }
}

// One alone.
template <class Question>
Status ask_to_the_end(Session& session, Question& question) {
  while (!question.advance()) {
    const int64_t due = question.due_ms();
    BOBBIN_TRY(session.wait({}, due == INT64_MAX ? -1 : std::max<int64_t>(due - session.now_ms(), 0)));
  }
  return {};
}

}  // namespace bobbin::client
