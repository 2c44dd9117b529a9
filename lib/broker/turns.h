// Turns: work of single requests that takes long, in pieces. A step does one, a millisecond or so, and says whether it was the
// last. The first is done at once, the others each in a round of their own, in turn with those of other requests.
#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace bobbin::broker {

class Turns {
 public:
  using Step = std::function<bool()>;

  void begin(Step step) {
    if (!step()) waiting_.push_back(std::move(step));
  }
  // In each round.
  void run_one() {
    if (waiting_.empty()) return;
    auto step = std::move(waiting_.front());
    waiting_.pop_front();
    begin(std::move(step));
  }
  bool empty() const { return waiting_.empty(); }

 private:
  std::deque<Step> waiting_;
};

}  // namespace bobbin::broker
