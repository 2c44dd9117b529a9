#include "cmd/cluster/reassignment_json.h"

#include <set>

#include "base/ids.h"
#include "base/text.h"
#include "cmd/input/json_file.h"

namespace bobbin::cmd {
namespace {

using Value = rapidjson::Value;

Result<std::vector<BrokerId>> replicas_of(const Value& value) {
  std::vector<BrokerId> out;
  if (!value.IsArray()) return malformed("\"replicas\" is a list of ids of brokers");
  for (const Value& id : value.GetArray()) {
    if (!id.IsInt() || id.GetInt() < 0) return malformed("\"replicas\" is a list of ids of brokers");
    const BrokerId one(id.GetInt());
    if (holds(out, one)) return malformed("\"replicas\": broker " + to_string(one) + " is named twice");
    out.push_back(one);
  }
  if (out.empty()) return malformed("\"replicas\" names nobody");
  return out;
}

Status check_log_dirs(const Value& value) {
  if (!value.IsArray()) return malformed("\"log_dirs\" is a list");
  for (const Value& dir : value.GetArray())
    if (!dir.IsString() || text_of(dir) != "any")
      return malformed("\"log_dirs\": only \"any\" is possible: a copy's folder is not chosen");
  return {};
}

Status take_field(std::string_view name, const Value& value, client::Reassignment& into) {
  if (name == "topic") {
    if (!value.IsString()) return malformed("\"topic\" is a text");
    into.topic = text_of(value);
  } else if (name == "partition") {
    if (!value.IsInt() || value.GetInt() < 0) return malformed("\"partition\" is a number from 0 on");
    into.partition = PartitionId(value.GetInt());
  } else if (name == "replicas") {
    BOBBIN_TRY_ASSIGN(replicas, replicas_of(value));
    into.replicas = std::move(replicas);
  } else if (name == "log_dirs") {
    return check_log_dirs(value);
  } else {
    return malformed("there is no field \"" + escaped_for_line(name) + "\"");
  }
  return {};
}

Result<client::Reassignment> one_of(const Value& value) {
  if (!value.IsObject()) return malformed("\"partitions\" is a list of objects");
  client::Reassignment one{{}, PartitionId(-1), std::nullopt};
  BOBBIN_TRY(take_fields(value, {"topic", "partition", "replicas"},
                         [&](std::string_view name, const Value& field) { return take_field(name, field, one); }));
  return one;
}

}  // namespace

Result<std::vector<client::Reassignment>> parse_reassignments(Bytes json) {
  BOBBIN_TRY_ASSIGN(document, parse_document(json));
  if (!document.IsObject()) return malformed("an object is expected");
  std::vector<client::Reassignment> out;
  bool has_partitions = false;
  for (const auto& member : document.GetObject()) {
    const std::string_view name = text_of(member.name);
    if (name == "version") {
      if (!member.value.IsInt() || member.value.GetInt() != 1) return malformed("only \"version\" 1 is known");
    } else if (name != "partitions") {
      return malformed("there is no field \"" + escaped_for_line(name) + "\"");
    } else if (has_partitions || !member.value.IsArray()) {
      return malformed("\"partitions\" is one list");
    } else {
      has_partitions = true;
      for (const Value& value : member.value.GetArray()) {
        BOBBIN_TRY_ASSIGN(one, one_of(value));
        out.push_back(std::move(one));
      }
    }
  }
  if (!has_partitions) return malformed("\"partitions\" is missing");
  std::set<std::pair<std::string_view, PartitionId>> named;
  for (const auto& one : out)
    if (!named.emplace(one.topic, one.partition).second)
      return malformed(escaped_for_line(one.topic) + "-" + to_string(one.partition) + " is named twice");
  return out;
}

}  // namespace bobbin::cmd
