// The bodies of codec.h, from the walkers of encoder.h, decoder.h and encodable.h. Included by the source file of each message,
// which instantiates them; nobody else needs it.
#pragma once

#include <limits>
#include <string>

#include "base/check.h"
#include "protocol/codec.h"
#include "protocol/codec_errors.h"
#include "protocol/decoder.h"
#include "protocol/encodable.h"
#include "protocol/encoder.h"
#include "protocol/frame.h"

namespace bobbin::protocol {

template <class M>
Result<M> decode_front(Bytes& body, int16_t version, size_t elements_max, size_t* elements) {
  if (!M::versions.contains(version)) return no_such_version(M::message_name, version, M::versions);
  Cursor in(body);
  Walk walk{elements_max};
  M message;
  Decoder(in, version, version >= M::flexible_from, walk).structure(message);
  if (walk.too_many) return names_too_much(M::message_name, version, elements_max);
  if (in.failed()) return does_not_parse(M::message_name, version, walk.where);
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
  if (!M::versions.contains(version)) return no_such_version(M::message_name, version, M::versions);
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
std::string encode_request(int32_t correlation_id, std::string_view client_id, int16_t version,
                           const Request& request) {
  std::string frame(frame_size_bytes, '\0');
  frame.reserve(header_room + client_id.size() + encoded_size(request, version, version >= Request::flexible_from));
  encode_request_header({Request::api_key, version, correlation_id, client_id}, frame);
  encode(request, version, frame);
  return sized(std::move(frame));
}

template <class Request>
FrameParts encode_request_parts(int32_t correlation_id, std::string_view client_id, int16_t version,
                                const Request& request) {
  FrameParts parts;
  encode_request_header({Request::api_key, version, correlation_id, client_id}, parts.small);
  PartsSink sink{parts};
  Encoder<PartsSink>(sink, version, version >= Request::flexible_from).structure(request);
  return parts;
}

template <class Response>
Result<std::string> encode_response_within(size_t bytes_max, int32_t correlation_id, int16_t version,
                                           const Response& response) {
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

#define BOBBIN_INSTANTIATE_RESPONSE(M)                              \
  BOBBIN_INSTANTIATE_BODY(M);                                       \
  template std::string encode_response(int32_t, int16_t, const M&); \
  template Result<std::string> encode_response_within(size_t, int32_t, int16_t, const M&)

}  // namespace bobbin::protocol
