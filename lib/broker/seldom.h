// Seldom: lines for the broker's log that others can cause as often as they like. A few a minute are said, the rest is
// counted and told with the next one that is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace bobbin::broker {

class Seldom {
 public:
  explicit Seldom(int lines_a_minute) : lines_a_minute_(lines_a_minute) {}

  void say(int64_t now_ms, const std::string& line, const std::function<void(const std::string&)>& out) {
    if (now_ms - minute_began_ms_ >= 60'000 || said_ == 0) {
      minute_began_ms_ = now_ms;
      said_ = 0;
    }
    if (said_ >= lines_a_minute_) {
      unsaid_++;
      return;
    }
    said_++;
    out(unsaid_ == 0 ? line : line + " (" + std::to_string(unsaid_) + " lines like this were left out)");
    unsaid_ = 0;
  }

 private:
  int lines_a_minute_;
  int64_t minute_began_ms_ = 0;
  int said_ = 0;
  uint64_t unsaid_ = 0;
};

}  // namespace bobbin::broker
