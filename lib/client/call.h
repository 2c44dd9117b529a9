// Call: one request before its version is known, and its answer as it came. request.h makes calls from Kafka's messages.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "protocol/frame.h"

namespace bobbin::client {

inline constexpr BrokerId any_node = broker_none;  // whichever broker is connected

// Of answers whose size follows from the question; a list of all topics and fetched records have their own bounds.
inline constexpr int32_t answer_bytes_max_default = 64 << 20;

// The frame owns the bytes; what is decoded from it may point into it.
struct RawAnswer {
  std::unique_ptr<std::string> frame;
  size_t body_at = 0;   // behind the header
  int16_t version = 0;  // of the layout
  Bytes body() const { return frame ? Bytes(*frame).substr(body_at) : Bytes(); }
};

// Which of two connections to a broker a request goes over: answers come in the order of the questions, and a Fetch that
// waits for records must not hold up what a group's member has to say.
enum class Lane : uint8_t { data, group };

struct Call {
  BrokerId node = any_node;
  Lane lane = Lane::data;
  int16_t api_key = 0;
  int16_t version_min = 0;  // that the caller speaks
  int16_t version_max = 0;
  int64_t timeout_ms = 0;                               // 0: the target's
  int32_t answer_bytes_max = answer_bytes_max_default;  // a larger one is not taken: Errc::malformed
  bool answered = true;  // false: Produce with acks=0; done is called when the socket has taken the frame
  std::function<std::string(int32_t correlation, int16_t version)> encode;
  std::function<protocol::FrameParts(int32_t correlation, int16_t version)>
      encode_parts;  // the same, for large ones; may be empty
  std::function<void(Result<RawAnswer>)> done;
};

// A call that is over, before its caller was told.
struct Finished {
  std::function<void(Result<RawAnswer>)> done;
  Result<RawAnswer> result;
};

}  // namespace bobbin::client
