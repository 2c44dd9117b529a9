// Decoder: a walker over the field list of a message (shape.h) that fills it from bytes which anybody may have sent. Part of
// codec_body.h, and included by nobody else.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/varint.h"
#include "protocol/encoder.h"
#include "protocol/shape.h"

namespace bobbin::protocol {

// Once something is wrong it only moves to the end, so that the walk can go on without asking after each step.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool failed() const { return failed_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  Bytes rest() const { return Bytes(at_, left()); }
  void fail() {
    failed_ = true;
    at_ = end_;
  }

  template <std::integral T>
  T number() {
    if (left() < sizeof(T)) {
      fail();
      return 0;
    }
    T v = load_be<T>(at_);
    at_ += sizeof(T);
    return v;
  }
  // At most 32 bits.
  uint32_t uvarint() {
    uint64_t v = 0;
    const char* after = get_uvarint(at_, end_, v, 32);
    if (!after) {
      fail();
      return 0;
    }
    at_ = after;
    return static_cast<uint32_t>(v);
  }
  Bytes raw(size_t n) {
    if (left() < n) {
      fail();
      return {};
    }
    Bytes b(at_, n);
    at_ += n;
    return b;
  }

 private:
  const char* at_;
  const char* end_;
  bool failed_ = false;
};

// What a walk through a message found out.
struct Walk {
  size_t elements_left;  // of arrays, that may still come
  bool is_bounded = elements_left != SIZE_MAX;
  bool too_many = false;
  std::string where = {};  // which field failed
};

class Decoder {
 public:
  Decoder(Cursor& in, int16_t version, bool flexible, Walk& walk)
      : in_(in), version_(version), flexible_(flexible), walk_(walk) {}

  template <Structure S>
  void structure(S& s) {
    S::fields([&](const char* name, auto member, Field f) {
      if (f.is_tagged() || !f.is_in(version_) || in_.failed()) return;
      field(s.*member, f);
      if (in_.failed()) note(name);
    });
    if (flexible_ && !in_.failed()) tagged_fields(s);
  }

 private:
  template <class T>
  void field(T& v, Field f) {
    bool present = true;
    if constexpr (is_optional<T>) {
      if constexpr (Structure<typename T::value_type>)
        if (f.is_nullable_in(version_)) present = in_.number<int8_t>() >= 0;
      present = present && value(v.emplace());
      if (!present) v.reset();
    } else {
      present = value(v);
    }
    if (!present && !f.is_nullable_in(version_)) in_.fail();
  }

  // False: null.
  template <class T>
  bool value(T& v) {
    if constexpr (std::is_same_v<T, bool>) {
      v = in_.number<int8_t>() != 0;
    } else if constexpr (std::integral<T>) {
      v = in_.number<T>();
    } else if constexpr (std::is_same_v<T, Uuid>) {
      Bytes b = in_.raw(v.bytes.size());
      if (!in_.failed()) std::memcpy(v.bytes.data(), b.data(), b.size());
    } else if constexpr (std::is_same_v<T, std::string>) {
      int64_t n = length<int16_t>();
      if (n < 0) return false;
      if (n > static_cast<int64_t>(string_bytes_max)) in_.fail();
      v = std::string(in_.raw(static_cast<size_t>(n)));
    } else if constexpr (std::is_same_v<T, Bytes>) {
      int64_t n = length<int32_t>();
      if (n < 0) return false;
      v = in_.raw(static_cast<size_t>(n));
    } else if constexpr (is_vector<T>) {
      return elements(v);
    } else {
      structure(v);
    }
    return true;
  }

  template <class T>
  bool elements(std::vector<T>& v) {
    v.clear();
    int64_t n = length<int32_t>();
    if (n < 0) return false;
    auto count = static_cast<size_t>(n);
    walk_.too_many = count > walk_.elements_left;
    if (walk_.too_many || count > in_.left() / least_size<T>()) {
      in_.fail();
      return true;
    }
    walk_.elements_left -= count;
    // A small element on the wire can be a large one in memory: without a bound, memory grows with what was really there.
    v.reserve(walk_.is_bounded ? count : std::min(count, size_t{65536} / sizeof(T) + 1));
    for (int64_t i = 0; i < n && !in_.failed(); i++) {
      if (!value(v.emplace_back())) in_.fail();
    }
    return true;
  }

  // Of one element on the wire.
  template <class T>
  size_t least_size() const {
    if constexpr (Structure<T>) return std::max(size_t{1}, encoded_size(T{}, version_, flexible_));
    else if constexpr (std::is_same_v<T, std::string>) return flexible_ ? 1 : 2;
    else return sizeof(T);
  }

  // Below zero: null.
  template <std::integral Plain>
  int64_t length() {
    return flexible_ ? int64_t{in_.uvarint()} - 1 : int64_t{in_.number<Plain>()};
  }

  template <Structure S>
  void tagged_fields(S& s) {
    uint32_t count = in_.uvarint();
    for (uint32_t i = 0; i < count && !in_.failed(); i++) {
      uint32_t tag = in_.uvarint();
      uint32_t size = in_.uvarint();
      Cursor inside(in_.raw(size));
      if constexpr (has_tagged_fields<S>()) tagged_field(s, tag, inside);
    }
    if (in_.failed() && walk_.where.empty()) note("tagged fields");
  }

  template <Structure S>
  void tagged_field(S& s, uint32_t tag, Cursor inside) {
    if (in_.failed()) return;
    S::fields([&](const char* name, auto member, Field f) {
      if (!f.is_tagged() || static_cast<uint32_t>(f.tag_number) != tag || !f.is_in(version_)) return;
      Decoder(inside, version_, flexible_, walk_).field(s.*member, f);
      if (!inside.failed()) return;
      note(name);
      in_.fail();
    });
  }

  void note(const char* name) {
    walk_.where = walk_.where.empty() ? std::string(name) : std::string(name) + "." + walk_.where;
  }

  Cursor& in_;
  int16_t version_;
  bool flexible_;
  Walk& walk_;
};

}  // namespace bobbin::protocol
