// Codec: messages (messages/*.h, and the records of metadata/records.h) to bytes and back, in every version.
//
// A message is a plain struct that names its versions, the first flexible one, and its fields (field.h). Types:
//   bool, int8_t ... int64_t, uint16_t   big-endian
//   Uuid                                 16 bytes
//   std::string                          a string: at most 32767 bytes
//   Bytes                                bytes or records: never copied on decoding, once on encoding
//   std::vector<T>, Elements<T>, a struct, std::optional<T> of what may be null
// Defaults are Kafka's, except that whatever may be null is null until it is set (records: empty).
//
// The functions are defined in codec_body.h and instantiated once per message, in its own source file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "protocol/api_key.h"
#include "protocol/field.h"
#include "protocol/frame.h"
#include "protocol/shape.h"

namespace bobbin::protocol {

// The message in `body`, which must outlive its Bytes members. As Kafka does: what follows the message is ignored, and
// so are tagged fields that nobody knows; any length below zero is null, any byte but 0 is true.
// Errc::malformed: cut short, a null where none may be, a count that what follows cannot hold; names the field.
// Errc::unsupported_version: outside M::versions.
// Errc::message_too_large: its arrays have more than `elements_max` elements in all. An element may take one byte on the
// wire and a hundred in memory: this bounds what a stranger's message takes, before it is taken. `elements`, if given: how many
// it has.
template <class M>
Result<M> decode(Bytes body, int16_t version, size_t elements_max = SIZE_MAX, size_t* elements = nullptr);

// The same; leaves in `body` what follows the message.
template <class M>
Result<M> decode_front(Bytes& body, int16_t version, size_t elements_max = SIZE_MAX, size_t* elements = nullptr);

// Appends the message; `version` must be in M::versions. What that version cannot say is left out: a field that it
// lacks is dropped, a null where none may be becomes the empty value, a string is cut at 32767 bytes. Those whose
// message comes from a person ask encodable() before.
template <class M>
void encode(const M& message, int16_t version, std::string& out);

// Errc::unsupported_version: a field says something that this version cannot carry and that may not be dropped.
// Errc::invalid_request: a string is too long.
template <class M>
Status encodable(const M& message, int16_t version);

// Brings the elements that are there into the wire form of M's version; further ones may be added behind them. How many
// bytes all have that are in it. Such a message can be encoded in that version, and nothing else.
template <class M, class T>
size_t encode_ahead(Elements<T>& elements, int16_t version);

// Whole frames: size, header (frame.h), body.
template <class Request>
std::string encode_request(int32_t correlation_id, std::string_view client_id, int16_t version, const Request& request);
// The same in parts, without the size.
template <class Request>
FrameParts encode_request_parts(int32_t correlation_id, std::string_view client_id, int16_t version,
                                const Request& request);
template <class Response>
std::string encode_response(int32_t correlation_id, int16_t version, const Response& response);
// The same, unless its body would be larger than that (Errc::message_too_large): known before any memory is taken.
template <class Response>
Result<std::string> encode_response_within(size_t bytes_max, int32_t correlation_id, int16_t version,
                                           const Response& response);
template <class Response>
FrameParts encode_response_parts(int32_t correlation_id, int16_t version, const Response& response);

}  // namespace bobbin::protocol
