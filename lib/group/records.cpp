#include "group/records.h"

#include "group/record_messages.h"
#include "protocol/codec_body.h"

// Where codec.h is used with a type of another namespace, the instantiations must still stand in its own.
namespace bobbin::protocol {

BOBBIN_INSTANTIATE_BODY(group::OffsetCommitKey);
BOBBIN_INSTANTIATE_BODY(group::OffsetCommitValue);
BOBBIN_INSTANTIATE_BODY(group::GroupMetadataKey);
BOBBIN_INSTANTIATE_BODY(group::GroupMetadataValue);

}  // namespace bobbin::protocol

namespace bobbin::group {

namespace {

constexpr int16_t key_version = 0;  // the only one; its type stands in its place
constexpr int16_t written_version = 3;
constexpr int16_t expiring_version = 1;    // the only one that can say when
constexpr int16_t ancient_offset_key = 0;  // in the same layout as today's

// `head`: the type of a key, or the version of a value.
template <class M>
std::string encoded(int16_t head, const M& message, int16_t version) {
  std::string out;
  append_be(out, head);
  protocol::encode(message, version, out);
  return out;
}

// Moves on to the message.
Result<int16_t> take_head(Bytes& bytes, std::string_view what) {
  if (bytes.size() < sizeof(int16_t)) return error(Errc::malformed, std::string(what) + " is cut short");
  const auto head = load_be<int16_t>(bytes.data());
  bytes.remove_prefix(sizeof(int16_t));
  return head;
}

template <class M>
Result<M> decoded(Bytes body, int16_t version) {
  BOBBIN_TRY_ASSIGN(message, protocol::decode_front<M>(body, version));
  if (!body.empty())
    return error(Errc::malformed, std::string(M::message_name) + " is followed by " + std::to_string(body.size()) +
                                      " bytes that do not belong to it");
  return std::move(message);
}

template <class M>
Result<M> decoded_value(Bytes value) {
  BOBBIN_TRY_ASSIGN(version, take_head(value, M::message_name));
  if (!M::versions.contains(version))
    return error(Errc::unsupported_version, std::string(M::message_name) + " has version " + std::to_string(version) +
                                                " in __consumer_offsets, written by a newer program; use that one");
  return decoded<M>(value, version);
}

GroupMetadataValue::MemberMetadata message_of(const StoredMember& m) {
  return {m.member_id,         m.group_instance_id, m.client_id,    m.client_host,
          m.rebalance_timeout, m.session_timeout,   m.subscription, m.assignment};
}

StoredMember stored(GroupMetadataValue::MemberMetadata m) {
  return {std::move(m.member_id),      std::move(m.group_instance_id),
          std::move(m.client_id),      std::move(m.client_host),
          m.rebalance_timeout,         m.session_timeout,
          std::string(m.subscription), std::string(m.assignment)};
}

}  // namespace

std::string offset_key(const std::string& group, const std::string& topic, int32_t partition) {
  return encoded(OffsetCommitKey::record_type, OffsetCommitKey{group, topic, partition}, key_version);
}

std::string group_key(const std::string& group) {
  return encoded(GroupMetadataKey::record_type, GroupMetadataKey{group}, key_version);
}

std::string offset_value(const StoredOffset& stored) {
  const int16_t version = stored.expire_timestamp == timestamp_none ? written_version : expiring_version;
  OffsetCommitValue value;
  value.offset = stored.offset.value;
  value.leader_epoch = stored.leader_epoch.value;
  value.metadata = stored.metadata;
  value.commit_timestamp = stored.commit_timestamp.value;
  value.expire_timestamp = stored.expire_timestamp.value;
  return encoded(version, value, version);
}

std::string group_value(const StoredGroup& stored) {
  GroupMetadataValue value;
  value.protocol_type = stored.protocol_type;
  value.generation = stored.generation;
  value.protocol = stored.protocol;
  value.leader = stored.leader;
  value.current_state_timestamp = stored.current_state_timestamp.value;
  for (const StoredMember& member : stored.members) value.members.push_back(message_of(member));
  return encoded(written_version, value, written_version);
}

Result<Key> read_key(Bytes key) {
  BOBBIN_TRY_ASSIGN(type, take_head(key, "a key of __consumer_offsets"));
  if (type == OffsetCommitKey::record_type || type == ancient_offset_key) {
    BOBBIN_TRY_ASSIGN(message, decoded<OffsetCommitKey>(key, key_version));
    return Key(OffsetKey{std::move(message.group), std::move(message.topic), message.partition});
  }
  if (type == GroupMetadataKey::record_type) {
    BOBBIN_TRY_ASSIGN(message, decoded<GroupMetadataKey>(key, key_version));
    return Key(GroupKey{std::move(message.group)});
  }
  return Key(OtherKey{type});
}

Result<StoredOffset> read_offset(Bytes value) {
  BOBBIN_TRY_ASSIGN(message, decoded_value<OffsetCommitValue>(value));
  StoredOffset stored;
  stored.offset = Offset(message.offset);
  stored.leader_epoch = LeaderEpoch(message.leader_epoch);
  stored.metadata = std::move(message.metadata);
  stored.commit_timestamp = Timestamp(message.commit_timestamp);
  stored.expire_timestamp = Timestamp(message.expire_timestamp);
  return stored;
}

Result<StoredGroup> read_group(Bytes value) {
  BOBBIN_TRY_ASSIGN(message, decoded_value<GroupMetadataValue>(value));
  StoredGroup group;
  group.protocol_type = std::move(message.protocol_type);
  group.generation = message.generation;
  group.protocol = std::move(message.protocol);
  group.leader = std::move(message.leader);
  group.current_state_timestamp = Timestamp(message.current_state_timestamp);
  group.members.reserve(message.members.size());
  for (auto& member : message.members) group.members.push_back(stored(std::move(member)));
  return group;
}

}  // namespace bobbin::group
