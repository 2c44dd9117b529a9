// Shape: what can be asked of the types that a message is made of (codec.h lists them), for those who walk field lists.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "protocol/field.h"

namespace bobbin::protocol {

inline constexpr size_t string_bytes_max = 32767;

template <class T>
concept Structure = requires { T::fields([](auto&&...) {}); };

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
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
