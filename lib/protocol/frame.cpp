#include "protocol/frame.h"

#include <cstring>

#include "base/varint.h"

namespace bobbin::protocol {

namespace {

Error cut_short(std::string_view what) { return error(Errc::malformed, std::string(what) + " is cut short"); }

bool is_flexible(ApiKey key, int16_t version) {
  const Api* api = find_api(key);
  return api && api->versions.contains(version) && version >= api->flexible_from;
}

// Nobody knows any tag of a header, so they are all skipped. False: they do not parse.
bool skip_tagged_fields(Bytes& from) {
  const char* at = from.data();
  const char* end = at + from.size();
  uint64_t count = 0;
  uint64_t tag = 0;
  uint64_t size = 0;
  at = get_uvarint(at, end, count, 32);
  for (uint64_t i = 0; at && i < count; i++) {
    at = get_uvarint(at, end, tag, 32);
    if (at) at = get_uvarint(at, end, size, 32);
    if (at) at = size <= static_cast<uint64_t>(end - at) ? at + size : nullptr;
  }
  if (!at) return false;
  from.remove_prefix(static_cast<size_t>(at - from.data()));
  return true;
}

}  // namespace

Result<std::optional<size_t>> frame_length(Bytes head, int32_t limit) {
  if (head.size() < frame_size_bytes) return std::optional<size_t>();
  const auto bytes = load_be<int32_t>(head.data());
  if (bytes < 0 || bytes > limit)
    return error(Errc::malformed, "a frame of " + std::to_string(bytes) + " bytes, at most " + std::to_string(limit) +
                                      " are taken; is it Kafka's protocol that is spoken here?");
  return std::optional(static_cast<size_t>(bytes));
}

Result<RequestHeader> decode_request_header(Bytes& frame) {
  constexpr size_t fixed = 10;
  if (frame.size() < fixed) return cut_short("request header");
  RequestHeader header;
  header.api_key = ApiKey{load_be<int16_t>(frame.data())};
  header.api_version = load_be<int16_t>(frame.data() + 2);
  header.correlation_id = load_be<int32_t>(frame.data() + 4);
  const auto client_id_bytes = load_be<int16_t>(frame.data() + 8);
  Bytes rest = frame.substr(fixed);
  if (client_id_bytes > 0) {
    const auto n = static_cast<size_t>(client_id_bytes);
    if (rest.size() < n) return cut_short("client id of a request header");
    header.client_id = rest.substr(0, n);
    rest.remove_prefix(n);
  }
  if (is_flexible(header.api_key, header.api_version) && !skip_tagged_fields(rest))
    return cut_short("tagged fields of a request header");
  frame = rest;
  return header;
}

void encode_request_header(const RequestHeader& header, std::string& out) {
  append_be(out, static_cast<int16_t>(header.api_key));
  append_be(out, header.api_version);
  append_be(out, header.correlation_id);
  const Bytes client_id = header.client_id.substr(0, INT16_MAX);
  append_be(out, static_cast<int16_t>(client_id.size()));
  out.append(client_id);
  if (is_flexible(header.api_key, header.api_version)) append_uvarint(out, 0);
}

Result<int32_t> decode_response_header(ApiKey key, int16_t version, Bytes& frame) {
  if (frame.size() < 4) return cut_short("response header");
  const auto correlation_id = load_be<int32_t>(frame.data());
  Bytes rest = frame.substr(4);
  if (key != ApiKey::api_versions && is_flexible(key, version) && !skip_tagged_fields(rest))
    return cut_short("tagged fields of a response header");
  frame = rest;
  return correlation_id;
}

void encode_response_header(ApiKey key, int16_t version, int32_t correlation_id, std::string& out) {
  append_be(out, correlation_id);
  if (key != ApiKey::api_versions && is_flexible(key, version)) append_uvarint(out, 0);
}

size_t FrameParts::bytes() const {
  size_t sum = small.size();
  for (const auto& [at, piece] : large) sum += piece.size();
  return sum;
}

void FrameParts::copy_to(char* to) const {
  size_t done = 0;
  auto copy = [&to](Bytes bytes) {
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    to += bytes.size();
  };
  for (const auto& [at, piece] : large) {
    copy(Bytes(small).substr(done, at - done));
    copy(piece);
    done = at;
  }
  copy(Bytes(small).substr(done));
}

}  // namespace bobbin::protocol
