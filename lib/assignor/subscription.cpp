#include "assignor/subscription.h"

#include "assignor/wire.h"

namespace bobbin::assignor {

namespace {

// The version whose fields the bytes have, as far as we know them.
Result<int16_t> version_of(wire::Reader& in, std::string_view what) {
  auto version = in.number<int16_t>();
  if (in.failed() || version < 0) return error(Errc::malformed, std::string(what) + " of a group's member: no version");
  return std::min(version, consumer_protocol_version_max);
}

Error does_not_parse(std::string_view what, int16_t version) {
  return error(Errc::malformed,
               std::string(what) + " of a group's member: version " + std::to_string(version) + " does not parse");
}

void check_version(int16_t version) {
  check(version >= 0 && version <= consumer_protocol_version_max, "a version of the consumer protocol");
}

}  // namespace

std::string encode(const Subscription& subscription, int16_t version) {
  check_version(version);
  std::vector<std::string> topics = subscription.topics;
  std::sort(topics.begin(), topics.end());
  std::string bytes;
  append_be(bytes, version);
  wire::put_length<int32_t>(bytes, topics.size());
  for (const std::string& topic : topics) wire::put_string(bytes, topic);
  wire::put_nullable<int32_t>(bytes, subscription.user_data);
  if (version >= 1) wire::put_topic_partitions(bytes, sorted(subscription.owned));
  if (version >= 2) append_be(bytes, subscription.generation);
  if (version >= 3) wire::put_nullable<int16_t>(bytes, subscription.rack);
  return bytes;
}

std::string encode(const Assignment& assignment, int16_t version) {
  check_version(version);
  std::string bytes;
  append_be(bytes, version);
  wire::put_topic_partitions(bytes, sorted(assignment.partitions));
  wire::put_nullable<int32_t>(bytes, assignment.user_data);
  return bytes;
}

Result<Subscription> decode_subscription(Bytes bytes) {
  wire::Reader in(bytes);
  BOBBIN_TRY_ASSIGN(version, version_of(in, "subscription"));
  Subscription subscription;
  subscription.topics = in.strings();
  subscription.user_data = in.nullable<int32_t>();
  if (version >= 1) subscription.owned = in.topic_partitions();
  if (version >= 2) subscription.generation = std::max(in.number<int32_t>(), generation_none);
  if (version >= 3) subscription.rack = in.nullable<int16_t>();
  if (in.failed()) return does_not_parse("subscription", version);
  if (subscription.rack && subscription.rack->empty()) subscription.rack.reset();
  return subscription;
}

Result<Assignment> decode_assignment(Bytes bytes) {
  if (bytes.empty()) return Assignment{};
  wire::Reader in(bytes);
  BOBBIN_TRY_ASSIGN(version, version_of(in, "assignment"));
  Assignment assignment;
  assignment.partitions = in.topic_partitions();
  assignment.user_data = in.nullable<int32_t>();
  if (in.failed()) return does_not_parse("assignment", version);
  return assignment;
}

}  // namespace bobbin::assignor
