// Kept: a value that a journal keeps, as it is promised, and as it is written, which is what the log holds. Several changes of it
// may be under way, each with a number of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace bobbin::group {

template <class T>
class Kept {
 public:
  const T& promised() const { return promised_; }
  const T& written() const { return under_way_.empty() ? promised_ : under_way_.back().second; }
  bool is_under_way() const { return !under_way_.empty(); }

  // As the journal tells of it.
  void restore(T value) { promised_ = std::move(value); }
  // `value` is on its way into the journal. What becomes of it is told by the number that this returns: promise() or lose().
  uint64_t write(T value) {
    under_way_.emplace_back(next_, std::move(value));
    return next_++;
  }
  void promise(uint64_t number) {
    if (auto it = find(number); it != under_way_.end()) {
      promised_ = std::move(it->second);
      under_way_.erase(it);
    }
  }
  void lose(uint64_t number) {
    if (auto it = find(number); it != under_way_.end()) under_way_.erase(it);
  }

 private:
  auto find(uint64_t number) {
    return std::find_if(under_way_.begin(), under_way_.end(), [&](const auto& each) { return each.first == number; });
  }

  T promised_{};
  std::vector<std::pair<uint64_t, T>> under_way_;
  uint64_t next_ = 0;
};

}  // namespace bobbin::group
