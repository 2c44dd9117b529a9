// The bodies of codec.h: walkers over the field lists. Included by the source file of each message, which
// instantiates them; nobody else needs it.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "base/varint.h"
#include "protocol/codec.h"
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

// Errors of every message, made once.
Error no_such_version(std::string_view message, int16_t version, VersionRange known);
Error does_not_parse(std::string_view message, int16_t version, std::string_view where);
Error names_too_much(std::string_view message, int16_t version, size_t elements_max);
Error becomes_too_large(std::string_view message, int16_t version, size_t bytes, size_t bytes_max);
inline Bytes cut_to_fit(Bytes text) { return text.size() <= string_bytes_max ? text : cut_to_string_max(text); }

// --- sinks of the encoder

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
    if (flexible_)
      sink_.uvarint(n + 1);
    else
      sink_.number(static_cast<Plain>(n));
  }

  template <class T>
  void null() {
    if constexpr (Structure<T>)
      sink_.number(int8_t{-1});
    else if (flexible_)
      sink_.uvarint(0);
    else if constexpr (std::is_same_v<T, std::string>)
      sink_.number(int16_t{-1});
    else
      sink_.number(int32_t{-1});
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

// --- the decoder

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
  size_t elements_left;    // of arrays, that may still come
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
    if constexpr (Structure<T>)
      return std::max(size_t{1}, encoded_size(T{}, version_, flexible_));
    else if constexpr (std::is_same_v<T, std::string>)
      return flexible_ ? 1 : 2;
    else
      return sizeof(T);
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

  void note(const char* name) { walk_.where = walk_.where.empty() ? std::string(name) : std::string(name) + "." + walk_.where; }

  Cursor& in_;
  int16_t version_;
  bool flexible_;
  Walk& walk_;
};

// --- what a version cannot say

class Encodable {
 public:
  explicit Encodable(int16_t version) : version_(version) {}

  template <Structure S>
  Status structure(const S& s) const {
    Status status;
    S::fields([&](const char* name, auto member, Field f) {
      if (!status) return;
      status = f.is_in(version_) ? field(s.*member, f) : absent(s, member, f);
      if (!status) status = std::move(status).error().in(name);
    });
    return status;
  }

 private:
  template <class S, class T>
  Status absent(const S& s, T S::*member, Field f) const {
    if (f.may_be_dropped || is_default(s, member)) return {};
    return error(Errc::unsupported_version, "version " + std::to_string(version_) + " of the request cannot say this");
  }

  template <class T>
  Status field(const T& v, Field f) const {
    if constexpr (is_optional<T>) {
      if (v) return value(*v);
      if (f.is_nullable_in(version_)) return {};
      return error(Errc::unsupported_version, "version " + std::to_string(version_) + " of the request needs a value here");
    } else {
      return value(v);
    }
  }

  template <class T>
  Status value(const T& v) const {
    if constexpr (std::is_same_v<T, std::string>) {
      if (v.size() > string_bytes_max)
        return error(Errc::invalid_request, std::to_string(v.size()) + " bytes; Kafka's protocol carries at most " +
                                                std::to_string(string_bytes_max) + " in a string");
    } else if constexpr (is_vector<T>) {
      for (const auto& element : v) BOBBIN_TRY(value(element));
    } else if constexpr (Structure<T>) {
      return structure(v);
    }
    return {};
  }

  int16_t version_;
};

// --- codec.h

template <class M>
Result<M> decode_front(Bytes& body, int16_t version, size_t elements_max, size_t* elements) {
  if (!M::versions.contains(version))
    return no_such_version(M::message_name, version, M::versions);
  Cursor in(body);
  Walk walk{elements_max};
  M message;
  Decoder(in, version, version >= M::flexible_from, walk).structure(message);
  if (walk.too_many) return names_too_much(M::message_name, version, elements_max);
  if (in.failed())
    return does_not_parse(M::message_name, version, walk.where);
  body = in.rest();
  if (elements) *elements = elements_max - walk.elements_left;
  return message;
}

template <class M>
Result<M> decode(Bytes body, int16_t version, size_t elements_max, size_t* elements) {
  return decode_front<M>(body, version, elements_max, elements);
}

// `bytes`: its encoded_size.
template <class M>
void encode_counted(const M& message, int16_t version, size_t bytes, std::string& out) {
  const size_t end = out.size() + bytes;
  out.reserve(end);
  StringSink sink{out};
  Encoder<StringSink>(sink, version, version >= M::flexible_from).structure(message);
  check(out.size() == end, "what was counted was written");
}

template <class M>
void encode(const M& message, int16_t version, std::string& out) {
  check(M::versions.contains(version), "a version that the message has");
  encode_counted(message, version, encoded_size(message, version, version >= M::flexible_from), out);
}

template <class M, class T>
size_t encode_ahead(Elements<T>& elements, int16_t version) {
  constexpr size_t chunk_bytes = 256 << 10;  // pieces that are worth keeping, and that grow without being moved
  const bool flexible = version >= M::flexible_from;
  auto& chunks = elements.ahead.chunks;
  for (const T& element : elements) {
    const size_t bytes = encoded_size(element, version, flexible);
    if (chunks.empty() || chunks.back()->capacity() - chunks.back()->size() < bytes) {
      const size_t before = chunks.empty() ? 0 : chunks.back()->capacity();
      chunks.push_back(std::make_shared<std::string>());
      chunks.back()->reserve(std::max(bytes, std::min(chunk_bytes, 2 * before)));
    }
    StringSink sink{*chunks.back()};
    Encoder<StringSink>(sink, version, flexible).structure(element);
  }
  elements.ahead.count += elements.size();
  elements.clear();
  size_t sum = 0;
  for (const auto& chunk : chunks) sum += chunk->size();
  return sum;
}

template <class M>
Status encodable(const M& message, int16_t version) {
  if (!M::versions.contains(version))
    return no_such_version(M::message_name, version, M::versions);
  return Encodable(version).structure(message);
}

// Puts the size in front of a frame that was built behind four bytes of room for it.
inline std::string sized(std::string frame) {
  const size_t bytes = frame.size() - frame_size_bytes;
  check(bytes <= static_cast<size_t>(std::numeric_limits<int32_t>::max()), "a frame's size fits into an int32");
  store_be(frame.data(), static_cast<int32_t>(bytes));
  return frame;
}

inline constexpr size_t frame_bytes_max = std::numeric_limits<int32_t>::max() - 32;

// More than any header has, so that the body's bytes are not moved again.
inline constexpr size_t header_room = 32;

template <class Request>
std::string encode_request(int32_t correlation_id, std::string_view client_id, int16_t version, const Request& request) {
  std::string frame(frame_size_bytes, '\0');
  frame.reserve(header_room + client_id.size() + encoded_size(request, version, version >= Request::flexible_from));
  encode_request_header({Request::api_key, version, correlation_id, client_id}, frame);
  encode(request, version, frame);
  return sized(std::move(frame));
}

template <class Request>
FrameParts encode_request_parts(int32_t correlation_id, std::string_view client_id, int16_t version, const Request& request) {
  FrameParts parts;
  encode_request_header({Request::api_key, version, correlation_id, client_id}, parts.small);
  PartsSink sink{parts};
  Encoder<PartsSink>(sink, version, version >= Request::flexible_from).structure(request);
  return parts;
}

template <class Response>
Result<std::string> encode_response_within(size_t bytes_max, int32_t correlation_id, int16_t version, const Response& response) {
  check(Response::versions.contains(version), "a version that the message has");
  const size_t bytes = encoded_size(response, version, version >= Response::flexible_from);
  if (bytes > bytes_max) return becomes_too_large(Response::message_name, version, bytes, bytes_max);
  std::string frame(frame_size_bytes, '\0');
  frame.reserve(header_room + bytes);
  encode_response_header(Response::api_key, version, correlation_id, frame);
  encode_counted(response, version, bytes, frame);
  return sized(std::move(frame));
}

template <class Response>
std::string encode_response(int32_t correlation_id, int16_t version, const Response& response) {
  auto frame = encode_response_within(frame_bytes_max, correlation_id, version, response);
  check(frame.ok(), "an answer fits into a frame");
  return std::move(*frame);
}

template <class Response>
FrameParts encode_response_parts(int32_t correlation_id, int16_t version, const Response& response) {
  FrameParts parts;
  encode_response_header(Response::api_key, version, correlation_id, parts.small);
  PartsSink sink{parts};
  Encoder<PartsSink>(sink, version, version >= Response::flexible_from).structure(response);
  return parts;
}

#define BOBBIN_INSTANTIATE_BODY(M)                                   \
  template Result<M> decode(Bytes, int16_t, size_t, size_t*);        \
  template Result<M> decode_front(Bytes&, int16_t, size_t, size_t*); \
  template void encode(const M&, int16_t, std::string&);             \
  template Status encodable(const M&, int16_t)

#define BOBBIN_INSTANTIATE_REQUEST(M) \
  BOBBIN_INSTANTIATE_BODY(M);         \
  template std::string encode_request(int32_t, std::string_view, int16_t, const M&)

#define BOBBIN_INSTANTIATE_RESPONSE(M) \
  BOBBIN_INSTANTIATE_BODY(M);          \
  template std::string encode_response(int32_t, int16_t, const M&); \
  template Result<std::string> encode_response_within(size_t, int32_t, int16_t, const M&)

}  // namespace bobbin::protocol
