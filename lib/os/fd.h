// Fd: the one owner of a file descriptor. Every descriptor of this program is close-on-exec from its birth.
#pragma once

#include <utility>

namespace bobbin::os {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int value) : value_(value) {}
  Fd(Fd&& other) noexcept : value_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      close();
      value_ = other.release();
    }
    return *this;
  }
  ~Fd() { close(); }

  int value() const { return value_; }
  bool is_open() const { return value_ >= 0; }
  int release() { return std::exchange(value_, -1); }
  void close();

 private:
  int value_ = -1;
};

}  // namespace bobbin::os
