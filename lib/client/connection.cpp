#include "client/connection.h"

#include <algorithm>

#include "protocol/frame.h"
#include "protocol/messages/api_versions.h"

namespace bobbin::client {

using protocol::ApiKey;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;

Connection::Connection(transport::Channel channel, std::string client_id, int64_t deadline)
    : channel_(std::move(channel)), client_id_(std::move(client_id)), greeting_deadline_(deadline) {
  if (channel_.is_open()) greet(ApiVersionsRequest::versions.last);
}

void Connection::greet(int16_t version) {
  ApiVersionsRequest request;
  request.client_software_name = "bobbin";
  request.client_software_version = BOBBIN_VERSION;
  state_ = State::greeting;
  greeting_version_ = version;
  channel_.send(protocol::encode_request(next_correlation_++, client_id_, version, request));
}

// An older broker answers in the layout of version 0 with unsupported_version and, if it is kind, what it does speak.
Status Connection::take_greeting(Bytes frame) {
  BOBBIN_TRY(protocol::decode_response_header(ApiKey::api_versions, greeting_version_, frame));
  if (frame.size() < 2) return error(Errc::malformed, "an answer to ApiVersions without content");
  auto code = errc_from_wire(load_be<int16_t>(frame.data()));
  if (code == Errc::unsupported_version && greeting_version_ > 0) {
    auto offered = protocol::decode<ApiVersionsResponse>(frame, 0);
    int16_t best = 0;
    if (offered)
      for (const auto& api : offered->api_keys)
        if (api.api_key == static_cast<int16_t>(ApiKey::api_versions)) best = api.max_version;
    greet(std::clamp<int16_t>(best, 0, static_cast<int16_t>(greeting_version_ - 1)));
    return {};
  }
  if (code != Errc::none)
    return error(code, "the broker refuses the handshake (" + std::string(name(code)) +
                           "): is it Apache Kafka's protocol that it speaks?");
  BOBBIN_TRY_ASSIGN(answer, protocol::decode<ApiVersionsResponse>(frame, greeting_version_));
  may_use_memory_ = answer.takes_frames_in_memory;
  for (const auto& api : answer.api_keys) versions_[api.api_key] = {api.min_version, api.max_version};
  state_ = State::ready;
  return {};
}

int16_t Connection::version_for(int16_t api_key, int16_t version_min, int16_t version_max) const {
  auto it = versions_.find(api_key);
  if (it == versions_.end()) return -1;
  auto version = std::min(version_max, it->second.last);
  return version >= std::max(version_min, it->second.first) ? version : int16_t{-1};
}

void Connection::send(Call call, int64_t deadline, std::vector<Finished>& finished) {
  int16_t version = version_for(call.api_key, call.version_min, call.version_max);
  auto key = static_cast<ApiKey>(call.api_key);
  if (version < 0) {
    const protocol::Api* api = protocol::find_api(key);
    finished.push_back(
        {std::move(call.done),
         error(Errc::unsupported_version, "the broker does not know this request (" +
                                              std::string(api ? api->name : "?") + " in a version of ours)")});
    return;
  }
  int32_t correlation = next_correlation_++;
  transport::FrameMemory::Piece piece;
  if (!send_in_memory(call, correlation, version, piece)) channel_.send(call.encode(correlation, version));
  UnderWay entry{correlation, key, version, deadline, call.answer_bytes_max, std::move(call.done), std::move(piece)};
  if (call.answered) under_way_.push_back(std::move(entry));
  else unanswered_.push_back(std::move(entry));
}

std::shared_ptr<const region::RegionView> Connection::region() {
  if (os::Fd passed = channel_.take_passed(); passed.is_open())
    if (auto view = region::RegionView::open(passed)) region_ = std::move(*view);
  return region_;
}

// The first use makes the memory.
bool Connection::has_memory() {
  if (!may_use_memory_ || memory_) return may_use_memory_;
  auto made = transport::FrameMemory::create();
  may_use_memory_ = made.ok();
  if (!made) return false;
  memory_ = std::move(*made);
  channel_.offer(*memory_);
  return true;
}

std::optional<transport::FrameMemory::Piece> Connection::take_memory(size_t bytes) {
  return state_ == State::ready && has_memory() ? memory_->take(bytes) : std::nullopt;
}

// Whether the frame went this way. One whose large part lies in the memory already is completed around it; others are
// copied there.
bool Connection::send_in_memory(const Call& call, int32_t correlation, int16_t version,
                                transport::FrameMemory::Piece& piece) {
  if (!may_use_memory_ || !call.answered || !call.encode_parts) return false;
  protocol::FrameParts parts = call.encode_parts(correlation, version);
  size_t bytes = parts.bytes();
  if (bytes < in_memory_bytes_min || !has_memory()) return false;
  if (auto at = complete_in_place(parts)) {
    channel_.send(transport::encode_note(*at, bytes));
    return true;
  }
  auto room = memory_->take(bytes);
  if (!room) return false;
  piece = std::move(*room);
  parts.copy_to(piece.bytes().data());
  channel_.send(transport::encode_note(piece.at(), bytes));
  return true;
}

// Where the frame begins, if its one large part has room around it.
std::optional<uint64_t> Connection::complete_in_place(const protocol::FrameParts& parts) {
  if (parts.large.size() != 1) return std::nullopt;
  const auto& [split, large] = parts.large.front();
  auto at = memory_->place_of(large);
  if (!at) return std::nullopt;
  std::span<char> piece = memory_->piece_around(large);
  Bytes head = Bytes(parts.small).substr(0, split), tail = Bytes(parts.small).substr(split);
  auto before = static_cast<size_t>(large.data() - piece.data());
  if (head.size() > before || tail.size() > piece.size() - before - large.size()) return std::nullopt;
  std::memcpy(piece.data() + before - head.size(), head.data(), head.size());
  std::memcpy(piece.data() + before + large.size(), tail.data(), tail.size());
  return *at - head.size();
}

// Answers come in order: the one that arrives first is to what was asked first.
void Connection::expect_answer() {
  bool is_asked = state_ == State::ready && !under_way_.empty();
  channel_.set_frame_bytes_max(is_asked ? under_way_.front().answer_bytes_max : greeting_bytes_max);
}

std::optional<std::string> Connection::next_frame() {
  expect_answer();
  return channel_.next_frame();
}

Status Connection::advance(std::vector<Finished>& finished) {
  if (state_ == State::lost) return error(Errc::disconnected, "the connection was lost");
  expect_answer();
  Status channel_status = channel_.advance();
  if (state_ == State::connecting && channel_.is_open()) {
    greet(ApiVersionsRequest::versions.last);
    if (channel_status) channel_status = channel_.advance();
  }
  while (auto frame = next_frame()) {
    Status taken = take_frame(std::move(*frame), finished);
    if (!taken) return lose(std::move(taken).error(), finished);
  }
  if (channel_status && !channel_.is_open() && state_ != State::connecting) channel_status = *channel_.reason();
  if (!channel_status) return lose(std::move(channel_status).error(), finished);
  if (!unanswered_.empty() && channel_.unsent_bytes() == 0) {
    for (auto& entry : unanswered_) finished.push_back({std::move(entry.done), RawAnswer{}});
    unanswered_.clear();
  }
  return {};
}

Status Connection::take_frame(std::string frame, std::vector<Finished>& finished) {
  if (state_ == State::greeting) {
    BOBBIN_TRY(take_greeting(frame));
    if (state_ == State::greeting) return channel_.advance();
    return {};
  }
  if (under_way_.empty()) return error(Errc::malformed, "an answer that nobody asked for");
  Bytes rest = frame;
  const UnderWay& asked = under_way_.front();
  auto correlation = protocol::decode_response_header(asked.api_key, asked.version, rest);
  if (!correlation || *correlation != asked.correlation)
    return error(Errc::malformed, "answers out of order: the broker is not one of Kafka's protocol, or broken");
  UnderWay entry = std::move(under_way_.front());
  under_way_.pop_front();
  size_t body_at = frame.size() - rest.size();
  finished.push_back(
      {std::move(entry.done), RawAnswer{std::make_unique<std::string>(std::move(frame)), body_at, entry.version}});
  return {};
}

Error Connection::lose(Error why, std::vector<Finished>& finished) {
  state_ = State::lost;
  channel_.close();
  Errc code = why.code == Errc::no_answer ? Errc::no_answer : Errc::disconnected;
  // An answer that is none is one to the first of them, and would be so again.
  bool is_answer = why.code == Errc::malformed && !under_way_.empty();
  if (is_answer) {
    finished.push_back({std::move(under_way_.front().done), error(Errc::malformed, why.message)});
    under_way_.pop_front();
  }
  for (auto& entry : under_way_) finished.push_back({std::move(entry.done), error(code, why.message)});
  for (auto& entry : unanswered_) finished.push_back({std::move(entry.done), error(code, why.message)});
  under_way_.clear();
  unanswered_.clear();
  return why;
}

Status Connection::expire(int64_t now, std::vector<Finished>& finished) {
  auto due = deadline();
  if (state_ == State::lost || !due || *due > now) return {};
  return lose(error(Errc::no_answer, "no answer in time"), finished);
}

std::optional<int64_t> Connection::deadline() const {
  if (state_ == State::lost) return std::nullopt;
  if (state_ != State::ready) return greeting_deadline_;
  std::optional<int64_t> first;
  if (!under_way_.empty()) first = under_way_.front().deadline;
  if (!unanswered_.empty()) first = std::min(first.value_or(INT64_MAX), unanswered_.front().deadline);
  return first;
}

}  // namespace bobbin::client
