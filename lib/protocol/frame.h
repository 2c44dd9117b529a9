// Frames: what travels on a connection, each an int32 size and so many bytes: a header, then a body.
//
//   request header 1    int16 api key, int16 api version, int32 correlation id, nullable string client id
//                  2    the same (the client id is not compact), then tagged fields: from an API's first flexible version
//   response header 0   int32 correlation id
//                   1   the same, then tagged fields: likewise; but answers to ApiVersions have header 0 in every version
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "protocol/api_key.h"

namespace bobbin::protocol {

inline constexpr size_t frame_size_bytes = 4;
inline constexpr int32_t request_bytes_max = 104857600;  // Kafka's socket.request.max.bytes

// How long the frame is that begins with `head`, the size itself not counted; nothing while head is shorter than that.
// Errc::malformed: negative or above the limit; then the connection is of no more use.
Result<std::optional<size_t>> frame_length(Bytes head, int32_t limit = request_bytes_max);

// A frame without its size whose large pieces are views of what it was made from: for who copies it elsewhere at once.
struct FrameParts {
  std::string small;
  std::vector<std::pair<size_t, Bytes>> large;  // each with its place in `small`, ascending

  size_t bytes() const;
  void copy_to(char* to) const;  // bytes() of them
};

struct RequestHeader {
  ApiKey api_key{};
  int16_t api_version = 0;
  int32_t correlation_id = 0;
  std::string_view client_id;  // a view of the frame; null reads as ""
};

// `frame` without its size; it is moved on to the body. Of an API or version that find_api() does not know, the tagged
// fields, if it has any, stay in the body, which nobody can read anyway. Errc::malformed.
Result<RequestHeader> decode_request_header(Bytes& frame);
void encode_request_header(const RequestHeader& header, std::string& out);

// The correlation id; `frame`, without its size, is moved on to the body. Errc::malformed.
Result<int32_t> decode_response_header(ApiKey key, int16_t version, Bytes& frame);
void encode_response_header(ApiKey key, int16_t version, int32_t correlation_id, std::string& out);

}  // namespace bobbin::protocol
