// Random messages: whatever one version can say, from a seed.
#pragma once

#include <deque>
#include <random>
#include <string>

#include "base/bytes.h"
#include "base/id.h"
#include "protocol/shape.h"

namespace bobbin::protocol {

class RandomMessages {
 public:
  explicit RandomMessages(uint64_t seed) : random_(seed) {}

  // Fields that `version` lacks keep their defaults. Its Bytes are views of this object.
  template <class M>
  M make(int16_t version) {
    M m;
    fill(m, version);
    return m;
  }

  uint64_t below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

 private:
  template <Structure S>
  void fill(S& s, int16_t version) {
    S::fields([&](const char*, auto member, Field f) {
      if (!f.is_in(version)) return;
      if (f.is_tagged() && below(3) == 0) return;
      field(s.*member, f, version);
    });
  }

  template <class T>
  void field(T& v, Field f, int16_t version) {
    if constexpr (is_optional<T>) {
      v.reset();
      if (!f.is_nullable_in(version) || below(4) != 0) value(v.emplace(), version);
    } else {
      value(v, version);
    }
  }

  template <class T>
  void value(T& v, int16_t version) {
    if constexpr (std::is_same_v<T, bool>) {
      v = below(2);
    } else if constexpr (std::integral<T>) {
      constexpr uint64_t edges[] = {0,         1, 127, 128, 0x7fff, 0x7fffffff, 0x7fffffffffffffff, 0x8000000000000000,
                                    UINT64_MAX};
      v = static_cast<T>(below(2) ? edges[below(std::size(edges))] : random_());
    } else if constexpr (std::is_same_v<T, Uuid>) {
      for (auto& b : v.bytes) b = static_cast<unsigned char>(random_());
    } else if constexpr (std::is_same_v<T, std::string>) {
      v = text();
    } else if constexpr (std::is_same_v<T, Bytes>) {
      v = kept_.emplace_back(text());
    } else if constexpr (is_vector<T>) {
      v.resize(below(4));
      for (auto& element : v) value(element, version);
    } else {
      fill(v, version);
    }
  }

  std::string text() {
    constexpr size_t lengths[] = {0, 1, 5, 126, 127, 128, 300};
    std::string s(below(8) ? below(12) : lengths[below(std::size(lengths))], '\0');
    for (auto& c : s) c = static_cast<char>(random_());
    return s;
  }

  std::mt19937_64 random_;
  std::deque<std::string> kept_;
};

}  // namespace bobbin::protocol
