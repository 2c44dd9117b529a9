// Shape: what can be asked of the types that a message is made of (codec.h lists them), for those who walk field lists.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/field.h"

namespace bobbin::protocol {

inline constexpr size_t string_bytes_max = 32767;

// The elements of an array of which an answer may have a great many: those at its front may be in wire form already
// (encode_ahead), where they take a fraction of the memory. Otherwise a vector.
template <class T>
struct Elements : std::vector<T> {
  using std::vector<T>::vector;
  struct Ahead {
    std::vector<std::shared_ptr<std::string>> chunks;
    size_t count = 0;
    bool operator==(const Ahead&) const = default;
  } ahead = {};
  size_t count() const { return ahead.count + this->size(); }
  bool operator==(const Elements&) const = default;
};

template <class T>
concept Structure = requires {
  T::fields([](auto&&...) {});
};

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_vector<Elements<T>> = true;
template <class T>
inline constexpr bool has_ahead = false;
template <class T>
inline constexpr bool has_ahead<Elements<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class S>
constexpr bool has_tagged_fields() {
  bool any = false;
  S::fields([&](const char*, auto, Field f) { any |= f.is_tagged(); });
  return any;
}

}  // namespace bobbin::protocol
