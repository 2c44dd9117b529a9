// Connection: one broker's end of a session: the channel, the ApiVersions handshake, and the requests that are under way
// on it, answered in the order in which they were sent.
//
//   connecting -> greeting (ApiVersions sent) -> ready -> lost
//
// Times are the session's patient milliseconds.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/call.h"
#include "protocol/api_key.h"
#include "region/region.h"
#include "transport/channel.h"

namespace bobbin::client {

class Connection {
 public:
  // The handshake has to end by `deadline`.
  Connection(transport::Channel channel, std::string client_id, int64_t deadline);

  bool is_ready() const { return state_ == State::ready; }
  int fd() const { return channel_.fd(); }
  bool wants_write() const { return channel_.wants_write(); }
  bool is_idle() const { return under_way_.empty() && unanswered_.empty(); }
  size_t arrived_bytes() const { return channel_.arrived_bytes(); }
  // What the broker shows in shared memory; nullptr: nothing, or not yet.
  std::shared_ptr<const region::RegionView> region();

  // The version that both sides speak, as new as possible; -1: none. Only when ready.
  int16_t version_for(int16_t api_key, int16_t version_min, int16_t version_max) const;

  // Shared memory in which a large part of a request can be built, with room around it for the rest of its frame. Only
  // when ready; nothing: this way is closed.
  std::optional<transport::FrameMemory::Piece> take_memory(size_t bytes);
  // Only when ready. What cannot be sent is finished at once.
  void send(Call call, int64_t deadline, std::vector<Finished>& finished);

  // Sends what the socket takes now. False: there is more to it, and advance() is to be called.
  bool flush() { return state_ == State::ready && channel_.flush() && unanswered_.empty(); }
  // Reads and writes what can be done now; answers go to `finished`. After an error the connection is lost and all that
  // was under way is finished with it.
  Status advance(std::vector<Finished>& finished);
  // The other end did not answer in time: the connection is lost, what was under way is finished with Errc::no_answer.
  Status expire(int64_t now, std::vector<Finished>& finished);
  std::optional<int64_t> deadline() const;

 private:
  enum class State { connecting, greeting, ready, lost };
  struct UnderWay {
    int32_t correlation = 0;
    protocol::ApiKey api_key{};
    int16_t version = 0;
    int64_t deadline = 0;
    int32_t answer_bytes_max = 0;
    std::function<void(Result<RawAnswer>)> done;
    transport::FrameMemory::Piece piece;  // where its frame was copied to, and lies until it is answered
  };

  void greet(int16_t version);
  Status take_greeting(Bytes frame);
  std::optional<std::string> next_frame();
  void expect_answer();
  Status take_frame(std::string frame, std::vector<Finished>& finished);
  bool send_in_memory(const Call& call, int32_t correlation, int16_t version, transport::FrameMemory::Piece& piece);
  std::optional<uint64_t> complete_in_place(const protocol::FrameParts& parts);
  bool has_memory();
  Error lose(Error why, std::vector<Finished>& finished);

  static constexpr size_t in_memory_bytes_min = 16 << 10;  // a smaller frame is as quick in the socket
  static constexpr int32_t greeting_bytes_max = 1 << 20;   // and of what nobody asked for

  std::shared_ptr<transport::FrameMemory> memory_;  // outlives the channel
  bool may_use_memory_ = false;
  std::shared_ptr<const region::RegionView> region_;
  transport::Channel channel_;
  std::string client_id_;
  State state_ = State::connecting;
  int64_t greeting_deadline_;
  int16_t greeting_version_ = 0;
  int32_t next_correlation_ = 1;
  std::map<int16_t, protocol::VersionRange> versions_;  // by api key
  std::deque<UnderWay> under_way_;
  std::vector<UnderWay> unanswered_;  // acks=0: wait for the socket to take them
};

}  // namespace bobbin::client
