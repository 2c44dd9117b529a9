// LeaderWait: how long a partition has waited for its leader, and when that may be asked again. Times are the session's
// patient milliseconds.
#pragma once

#include <algorithm>
#include <cstdint>

#include "client/patience.h"

namespace bobbin::client {

class LeaderWait {
 public:
  // Records are wanted, and from now on missed.
  void begin(int64_t now) {
    if (since_ == 0) since_ = now;
  }
  // They came, or it is known that there are none now.
  void end() {
    since_ = 0;
    is_owed_ = false;
    failing_since_ = 0;
  }
  // The leader tells of records and sends none: it is waited for as long as one that says nothing.
  void owe(int64_t ask_again_at) {
    is_owed_ = true;
    not_before_ = std::max(not_before_, ask_again_at);
  }
  // The leader said why there are none; that is not owing.
  void refused(int64_t now) {
    is_owed_ = false;
    failed(now);
  }
  // It was asked in vain.
  void failed(int64_t now) {
    if (failing_since_ == 0) failing_since_ = now;
    not_before_ = now + pause_after(now - failing_since_, retry_pause_ms);
  }
  // There was something to hand over meanwhile: nobody had to be patient.
  void fed(int64_t now) { fed_at_ = now; }

  bool may_ask(int64_t now) const { return now >= not_before_; }
  bool is_owed() const { return is_owed_; }
  bool lasts(int64_t ms, int64_t now) const { return since_ != 0 && now - since_ >= ms; }
  bool is_too_long(int64_t ms_max, int64_t now) const { return since_ != 0 && now - patient_since() > ms_max; }
  // When one of these changes; INT64_MAX: not by time.
  int64_t due_ms(int64_t ms_max, int64_t now) const {
    return std::min(not_before_ > now ? not_before_ : INT64_MAX,
                    since_ != 0 ? patient_since() + ms_max + 1 : INT64_MAX);
  }

 private:
  int64_t patient_since() const { return std::max(since_, fed_at_); }

  int64_t since_ = 0;  // 0: not waiting
  int64_t fed_at_ = 0;
  int64_t failing_since_ = 0;  // 0: it was not asked in vain
  int64_t not_before_ = 0;
  bool is_owed_ = false;
};

}  // namespace bobbin::client
