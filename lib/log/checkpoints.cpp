#include "log/checkpoints.h"

#include "base/topic_name.h"
#include "base/uuid.h"
#include "log/text_lines.h"
#include "record/batch.h"

namespace bobbin::log {

std::string dir_name(const TopicPartition& which) { return which.topic + "-" + to_string(which.partition); }

std::optional<TopicPartition> parse_dir_name(std::string_view name) {
  size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  auto number = number_in<int32_t>(name.substr(dash + 1));
  if (!number || *number < 0 || std::to_string(*number) != name.substr(dash + 1)) return std::nullopt;
  if (!check_topic_name(name.substr(0, dash))) return std::nullopt;
  return TopicPartition{std::string(name.substr(0, dash)), PartitionId(*number)};
}

std::string aside_name(const TopicPartition& which, const Uuid& id, std::string_view suffix) {
  constexpr size_t name_bytes_max = 255;
  std::string rest = "-" + to_string(which.partition) + "." + to_string(id) + std::string(suffix);
  return which.topic.substr(0, name_bytes_max - std::min(name_bytes_max, rest.size())) + rest;
}

std::string encode_checkpoint(const Checkpoint& offsets) {
  std::string out = "0\n" + std::to_string(offsets.size()) + "\n";
  for (const auto& [which, offset] : offsets)
    out += which.topic + " " + to_string(which.partition) + " " + to_string(offset) + "\n";
  return out;
}

Result<Checkpoint> parse_checkpoint(Bytes text) {
  Checkpoint out;
  Status read = each_counted_line(text, [&](Bytes line) -> Status {
    Error wrong = error(Errc::damaged, "not a line of offsets: " + quoted(line));
    size_t a = line.find(' '), b = line.rfind(' ');
    if (a == Bytes::npos || a == b || !check_topic_name(line.substr(0, a))) return wrong;
    auto partition = number_in<int32_t>(line.substr(a + 1, b - a - 1));
    auto offset = number_in<int64_t>(line.substr(b + 1));
    if (!partition || !offset || *partition < 0 || *offset < 0 || Offset(*offset) > record::log_end_max) return wrong;
    out[{std::string(line.substr(0, a)), PartitionId(*partition)}] = Offset(*offset);
    return {};
  });
  if (!read) return error(Errc::damaged, std::move(read).error().message);
  return out;
}

std::string encode_topic_ids(const TopicIds& ids) {
  std::string out = "0\n" + std::to_string(ids.size()) + "\n";
  for (const auto& [topic, id] : ids) out += topic + " " + to_string(id) + "\n";
  return out;
}

Result<TopicIds> parse_topic_ids(Bytes text) {
  TopicIds out;
  Status read = each_counted_line(text, [&](Bytes line) -> Status {
    size_t space = line.find(' ');
    auto id = space == Bytes::npos ? std::optional<TopicId>() : parse_uuid(line.substr(space + 1));
    if (!id || !check_topic_name(line.substr(0, space)))
      return error(Errc::damaged, "not a line of topic ids: " + quoted(line));
    out[std::string(line.substr(0, space))] = *id;
    return {};
  });
  if (!read) return error(Errc::damaged, std::move(read).error().message);
  return out;
}

std::string encode_partition_metadata(TopicId id) { return "version: 0\ntopic_id: " + to_string(id); }

Result<TopicId> parse_partition_metadata(Bytes text) {
  constexpr Bytes key = "topic_id: ";
  Bytes version = take_line(text), topic = take_line(text);
  if (version != "version: 0" || !topic.starts_with(key) || !text.empty())
    return error(Errc::damaged, "not a partition.metadata");
  auto id = parse_uuid(topic.substr(key.size()));
  if (!id) return error(Errc::damaged, "partition.metadata: not a topic id");
  return *id;
}

std::string encode_meta_properties(const MetaProperties& properties) {
  return "version=1\ncluster.id=" + properties.cluster_id + "\nnode.id=" + to_string(properties.node) +
         "\ndirectory.id=" + to_string(properties.directory_id) + "\n";
}

Result<MetaProperties> parse_meta_properties(Bytes text) {
  MetaProperties out;
  bool version = false;
  while (!text.empty()) {
    Bytes line = take_line(text);
    if (line.empty() || line[0] == '#') continue;
    size_t equals = line.find('=');
    if (equals == Bytes::npos) return error(Errc::damaged, "meta.properties: not a property: " + quoted(line));
    Bytes key = line.substr(0, equals), value = line.substr(equals + 1);
    if (key == "version") version = value == "1";
    if (key == "cluster.id") out.cluster_id = value;
    if (key == "node.id") out.node = BrokerId(number_in<int32_t>(value).value_or(-1));
    if (key == "directory.id") out.directory_id = parse_uuid(value).value_or(Uuid{});
  }
  if (!version || out.cluster_id.empty() || out.node < BrokerId(0))
    return error(Errc::damaged, "meta.properties: version, cluster.id or node.id is missing");
  return out;
}

std::string encode_clean_shutdown(BrokerEpoch epoch) {
  return "{\"version\":0,\"brokerEpoch\":" + to_string(epoch) + "}";
}

Result<BrokerEpoch> parse_clean_shutdown(Bytes text) {
  constexpr Bytes key = "\"brokerEpoch\":";
  size_t at = text.find(key);
  if (at == Bytes::npos || text.find("\"version\":0") == Bytes::npos)
    return error(Errc::damaged, "not a mark of a clean shutdown");
  Bytes rest = text.substr(at + key.size());
  auto number = number_in<int64_t>(rest.substr(0, rest.find_first_not_of("-0123456789")));
  if (!number) return error(Errc::damaged, "not a mark of a clean shutdown");
  return BrokerEpoch(*number);
}

Result<Checkpoint> read_checkpoint(os::Storage& storage, const std::string& path) {
  auto text = os::read_whole_file(storage, path);
  if (!text && text.error().code == Errc::not_found) return Checkpoint{};
  if (!text) return std::move(text).error();
  auto offsets = parse_checkpoint(*text);
  if (!offsets) return error(Errc::malformed, path + ": " + offsets.error().message);
  return offsets;
}

Status write_checkpoint(os::Storage& storage, const std::string& path, const Checkpoint& offsets) {
  return os::write_whole_file(storage, path, encode_checkpoint(offsets));
}

Result<TopicId> owner_of(os::Storage& storage, const std::string& folder) {
  BOBBIN_TRY_ASSIGN(text, os::read_whole_file(storage, folder + "/" + std::string(partition_metadata_file)));
  return parse_partition_metadata(text);
}

}  // namespace bobbin::log
