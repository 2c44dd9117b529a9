#include "metadata/records.h"

#include "base/varint.h"
#include "protocol/codec_body.h"

// Where codec.h is used with a type of another namespace, the instantiations must still stand in its own.
namespace bobbin::protocol {

BOBBIN_INSTANTIATE_BODY(metadata::RegisterBrokerRecord);
BOBBIN_INSTANTIATE_BODY(metadata::UnregisterBrokerRecord);
BOBBIN_INSTANTIATE_BODY(metadata::TopicRecord);
BOBBIN_INSTANTIATE_BODY(metadata::PartitionRecord);
BOBBIN_INSTANTIATE_BODY(metadata::ConfigRecord);
BOBBIN_INSTANTIATE_BODY(metadata::PartitionChangeRecord);
BOBBIN_INSTANTIATE_BODY(metadata::FenceBrokerRecord);
BOBBIN_INSTANTIATE_BODY(metadata::UnfenceBrokerRecord);
BOBBIN_INSTANTIATE_BODY(metadata::RemoveTopicRecord);
BOBBIN_INSTANTIATE_BODY(metadata::FeatureLevelRecord);
BOBBIN_INSTANTIATE_BODY(metadata::ProducerIdsRecord);
BOBBIN_INSTANTIATE_BODY(metadata::BrokerRegistrationChangeRecord);
BOBBIN_INSTANTIATE_BODY(metadata::NoOpRecord);
BOBBIN_INSTANTIATE_BODY(metadata::BeginTransactionRecord);
BOBBIN_INSTANTIATE_BODY(metadata::EndTransactionRecord);
BOBBIN_INSTANTIATE_BODY(metadata::SnapshotHeaderRecord);
BOBBIN_INSTANTIATE_BODY(metadata::SnapshotFooterRecord);

}  // namespace bobbin::protocol

namespace bobbin::metadata {

namespace {

constexpr uint32_t frame_version = 1;

struct Head {
  uint32_t type = 0;
  uint32_t version = 0;
};

Result<Head> decode_head(Bytes& value) {
  const char* at = value.data();
  const char* end = at + value.size();
  uint64_t frame = 0;
  uint64_t type = 0;
  uint64_t version = 0;
  at = get_uvarint(at, end, frame, 32);
  if (at && frame != frame_version)
    return error(Errc::unsupported_version, "a metadata record has frame version " + std::to_string(frame) +
                                                ", written by a newer program; use that one");
  if (at) at = get_uvarint(at, end, type, 32);
  if (at) at = get_uvarint(at, end, version, 32);
  if (!at) return error(Errc::malformed, "a metadata record is cut short");
  value.remove_prefix(static_cast<size_t>(at - value.data()));
  return Head{static_cast<uint32_t>(type), static_cast<uint32_t>(version)};
}

template <class R>
Result<AnyRecord> decode_body(Bytes body, uint32_t version) {
  if (version > static_cast<uint32_t>(R::versions.last))
    return error(Errc::unsupported_version, std::string(R::message_name) + " has version " + std::to_string(version) +
                                                " in the metadata log, written by a newer program; use that one");
  BOBBIN_TRY_ASSIGN(record, protocol::decode_front<R>(body, static_cast<int16_t>(version)));
  if (!body.empty())
    return error(Errc::malformed, std::string(R::message_name) + " is followed by " + std::to_string(body.size()) +
                                      " bytes that do not belong to it");
  return AnyRecord(std::move(record));
}

// Tries the alternatives of AnyRecord in turn.
template <size_t I = 0>
Result<AnyRecord> decode_as(uint32_t type, Bytes body, uint32_t version) {
  if constexpr (I == std::variant_size_v<AnyRecord>) {
    return error(Errc::unsupported_version, "the metadata log has a record of type " + std::to_string(type) +
                                                ", which this program does not know");
  } else {
    using R = std::variant_alternative_t<I, AnyRecord>;
    return R::record_type == type ? decode_body<R>(body, version) : decode_as<I + 1>(type, body, version);
  }
}

template <class R>
std::string control_value(const R& record) {
  std::string out;
  protocol::encode(record, R::versions.last, out);
  return out;
}

}  // namespace

std::string encode_record(const AnyRecord& record) {
  return std::visit(
      [](const auto& r) {
        using R = std::decay_t<decltype(r)>;
        std::string out;
        append_uvarint(out, frame_version);
        append_uvarint(out, R::record_type);
        append_uvarint(out, static_cast<uint64_t>(R::versions.last));
        protocol::encode(r, R::versions.last, out);
        return out;
      },
      record);
}

Result<AnyRecord> decode_record(Bytes value) {
  BOBBIN_TRY_ASSIGN(head, decode_head(value));
  return decode_as(head.type, value, head.version);
}

std::string_view record_name(const AnyRecord& record) {
  return std::visit([](const auto& r) { return std::decay_t<decltype(r)>::message_name; }, record);
}

// The one version that there is travels in the value's own first field, too.
std::string encode_control_value(const SnapshotHeaderRecord& header) { return control_value(header); }
std::string encode_control_value(const SnapshotFooterRecord& footer) { return control_value(footer); }
Result<SnapshotHeaderRecord> decode_snapshot_header(Bytes value) {
  return protocol::decode<SnapshotHeaderRecord>(value, 0);
}
Result<SnapshotFooterRecord> decode_snapshot_footer(Bytes value) {
  return protocol::decode<SnapshotFooterRecord>(value, 0);
}

}  // namespace bobbin::metadata
