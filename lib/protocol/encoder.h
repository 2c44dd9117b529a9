// Encoder: a walker over the field list of a message (shape.h) that writes it to a sink: one that counts, a string, or the
// parts of a frame. Part of codec_body.h, and included by nobody else.
#pragma once

#include <concepts>
#include <limits>
#include <string>
#include <type_traits>

#include "base/bytes.h"
#include "base/check.h"
#include "base/id.h"
#include "base/varint.h"
#include "protocol/frame.h"
#include "protocol/shape.h"

namespace bobbin::protocol {

template <class S, class T>
bool is_default(const S& structure, T S::*member) {
  static const S defaults{};
  return structure.*member == defaults.*member;
}

// How much of a string can travel: whole UTF-8 characters as far as it has them.
Bytes cut_to_string_max(Bytes text);

inline Bytes cut_to_fit(Bytes text) { return text.size() <= string_bytes_max ? text : cut_to_string_max(text); }

// --- sinks

struct CountingSink {
  size_t bytes = 0;
  template <std::integral T>
  void number(T) {
    bytes += sizeof(T);
  }
  void uvarint(uint64_t v) { bytes += uvarint_size(v); }
  void raw(const void*, size_t n) { bytes += n; }
};

// The room was counted and reserved before (a resize would write the bytes of records twice).
struct StringSink {
  std::string& out;
  template <std::integral T>
  void number(T v) {
    append_be(out, v);
  }
  void uvarint(uint64_t v) { append_uvarint(out, v); }
  void raw(const void* from, size_t n) { out.append(static_cast<const char*>(from), n); }
};

// Leaves what is large where it is.
struct PartsSink {
  static constexpr size_t large_bytes = 4096;
  FrameParts& out;
  template <std::integral T>
  void number(T v) {
    append_be(out.small, v);
  }
  void uvarint(uint64_t v) { append_uvarint(out.small, v); }
  void raw(const void* from, size_t n) {
    Bytes bytes(static_cast<const char*>(from), n);
    if (n >= large_bytes) out.large.push_back({out.small.size(), bytes});
    else out.small += bytes;
  }
};

template <class Sink>
class Encoder {
 public:
  Encoder(Sink& sink, int16_t version, bool flexible) : sink_(sink), version_(version), flexible_(flexible) {}

  template <Structure S>
  void structure(const S& s) {
    S::fields([&](const char*, auto member, Field f) {
      if (!f.is_tagged() && f.is_in(version_)) field(s.*member, f);
    });
    if (flexible_) tagged_fields(s);
  }

 private:
  template <class T>
  void field(const T& v, Field f) {
    if constexpr (is_optional<T>) {
      using Inner = typename T::value_type;
      if (!v && f.is_nullable_in(version_)) return null<Inner>();
      // A struct that may be null says in a byte that it is there; the others say it in their length.
      if constexpr (Structure<Inner>)
        if (f.is_nullable_in(version_)) sink_.number(int8_t{1});
      v ? value(*v) : value(Inner{});
    } else {
      value(v);
    }
  }

  template <class T>
  void value(const T& v) {
    if constexpr (std::is_same_v<T, bool>) {
      sink_.number(static_cast<int8_t>(v));
    } else if constexpr (std::integral<T>) {
      sink_.number(v);
    } else if constexpr (std::is_same_v<T, Uuid>) {
      sink_.raw(v.bytes.data(), v.bytes.size());
    } else if constexpr (std::is_same_v<T, std::string>) {
      Bytes fits = cut_to_fit(v);
      length<int16_t>(fits.size());
      sink_.raw(fits.data(), fits.size());
    } else if constexpr (std::is_same_v<T, Bytes>) {
      length<int32_t>(v.size());
      sink_.raw(v.data(), v.size());
    } else if constexpr (has_ahead<T>) {
      length<int32_t>(v.count());
      for (const auto& chunk : v.ahead.chunks) sink_.raw(chunk->data(), chunk->size());
      for (const auto& element : v) value(element);
    } else if constexpr (is_vector<T>) {
      length<int32_t>(v.size());
      for (const auto& element : v) value(element);
    } else {
      structure(v);
    }
  }

  // Compact lengths count from 1, so that 0 can mean null.
  template <std::integral Plain>
  void length(size_t n) {
    check(n < static_cast<size_t>(std::numeric_limits<int32_t>::max()), "a field fits into a frame");
    if (flexible_) sink_.uvarint(n + 1);
    else sink_.number(static_cast<Plain>(n));
  }

  template <class T>
  void null() {
    if constexpr (Structure<T>) sink_.number(int8_t{-1});
    else if (flexible_) sink_.uvarint(0);
    else if constexpr (std::is_same_v<T, std::string>) sink_.number(int16_t{-1});
    else sink_.number(int32_t{-1});
  }

  template <Structure S>
  void tagged_fields(const S& s) {
    if constexpr (has_tagged_fields<S>()) {
      uint32_t count = 0;
      S::fields([&](const char*, auto member, Field f) { count += is_written_tagged(s, member, f); });
      sink_.uvarint(count);
      if (count == 0) return;
      S::fields([&](const char*, auto member, Field f) {
        if (!is_written_tagged(s, member, f)) return;
        CountingSink size;
        Encoder<CountingSink>(size, version_, true).field(s.*member, f);
        sink_.uvarint(static_cast<uint32_t>(f.tag_number));
        sink_.uvarint(size.bytes);
        field(s.*member, f);
      });
    } else {
      sink_.uvarint(0);
    }
  }

  template <class S, class T>
  bool is_written_tagged(const S& s, T S::*member, Field f) const {
    return f.is_tagged() && f.is_in(version_) && !is_default(s, member);
  }

  template <class>
  friend class Encoder;
  Sink& sink_;
  int16_t version_;
  bool flexible_;
};

template <Structure S>
size_t encoded_size(const S& s, int16_t version, bool flexible) {
  CountingSink sink;
  Encoder<CountingSink>(sink, version, flexible).structure(s);
  return sink.bytes;
}

}  // namespace bobbin::protocol
