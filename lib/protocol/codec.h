// Codec: messages (messages/*.h, and the records of metadata/records.h) to bytes and back, in every version.
//
// A message is a plain struct that names its versions, the first flexible one, and its fields (field.h). Types:
//   bool, int8_t ... int64_t, uint16_t   big-endian
//   Uuid                                 16 bytes
//   std::string                          a string: at most 32767 bytes
//   Bytes                                bytes or records: never copied on decoding, once on encoding
//   std::vector<T>, a struct, std::optional<T> of what may be null
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

namespace bobbin::protocol {

// The message in `body`, which must outlive its Bytes members. As Kafka does: what follows the message is ignored, and
// so are tagged fields that nobody knows; any length below zero is null, any byte but 0 is true.
// Errc::malformed: cut short, a null where none may be, a count that what follows cannot hold; names the field.
// Errc::unsupported_version: outside M::versions.
template <class M>
Result<M> decode(Bytes body, int16_t version);

// The same; leaves in `body` what follows the message.
template <class M>
Result<M> decode_front(Bytes& body, int16_t version);

// Appends the message; `version` must be in M::versions. What that version cannot say is left out: a field that it
// lacks is dropped, a null where none may be becomes the empty value, a string is cut at 32767 bytes. Those whose
// message comes from a person ask encodable() before.
template <class M>
void encode(const M& message, int16_t version, std::string& out);

// Errc::unsupported_version: a field says something that this version cannot carry and that may not be dropped.
// Errc::invalid_request: a string is too long.
template <class M>
Status encodable(const M& message, int16_t version);

// Whole frames: size, header (frame.h), body.
template <class Request>
std::string encode_request(int32_t correlation_id, std::string_view client_id, int16_t version, const Request& request);
// The same in parts, without the size.
template <class Request>
FrameParts encode_request_parts(int32_t correlation_id, std::string_view client_id, int16_t version, const Request& request);
template <class Response>
std::string encode_response(int32_t correlation_id, int16_t version, const Response& response);
template <class Response>
FrameParts encode_response_parts(int32_t correlation_id, int16_t version, const Response& response);

}  // namespace bobbin::protocol
