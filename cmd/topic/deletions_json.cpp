#include "cmd/topic/deletions_json.h"

#include <set>

#include "base/text.h"
#include "base/topic_name.h"
#include "cmd/input/json_file.h"

namespace bobbin::cmd {
namespace {

using Value = rapidjson::Value;

Status take_field(std::string_view name, const Value& value, FiledDeletion& into) {
  if (name == "topic") {
    if (!value.IsString()) return malformed("\"topic\" is a text");
    into.topic = text_of(value);
    return check_topic_name(into.topic);
  }
  if (name == "partition") {
    if (!value.IsInt() || value.GetInt() < 0) return malformed("\"partition\" is a number from 0 on");
    into.partition = PartitionId(value.GetInt());
    return {};
  }
  if (name == "offset") {
    if (!value.IsInt64() || value.GetInt64() < -1) return malformed("\"offset\" is a number from 0 on, or -1");
    into.below = Offset(value.GetInt64());
    return {};
  }
  return malformed("there is no field \"" + escaped_for_line(name) + "\"");
}

Result<FiledDeletion> one_of(const Value& value) {
  if (!value.IsObject()) return malformed("\"partitions\" is a list of objects");
  FiledDeletion one;
  BOBBIN_TRY(take_fields(value, {"topic", "partition", "offset"},
                         [&](std::string_view name, const Value& field) { return take_field(name, field, one); }));
  return one;
}

Status take_partitions(const Value& value, std::vector<FiledDeletion>& into) {
  if (!value.IsArray()) return malformed("\"partitions\" is a list");
  std::set<std::pair<std::string, PartitionId>> named;
  for (const Value& each : value.GetArray()) {
    BOBBIN_TRY_ASSIGN(one, one_of(each));
    if (!named.emplace(one.topic, one.partition).second)
      return malformed(one.topic + "-" + to_string(one.partition) + " is named twice");
    into.push_back(std::move(one));
  }
  return into.empty() ? Status(malformed("\"partitions\" names none")) : Status();
}

}  // namespace

Result<std::vector<FiledDeletion>> parse_deletions(Bytes json) {
  BOBBIN_TRY_ASSIGN(document, parse_document(json));
  if (!document.IsObject()) return malformed("an object is expected");
  std::vector<FiledDeletion> out;
  BOBBIN_TRY(take_fields(document, {"partitions"}, [&](std::string_view name, const Value& field) -> Status {
    if (name == "partitions") return take_partitions(field, out);
    if (name != "version") return malformed("there is no field \"" + escaped_for_line(name) + "\"");
    if (!field.IsInt() || field.GetInt() != 1) return malformed("only \"version\" 1 is known");
    return {};
  }));
  return out;
}

}  // namespace bobbin::cmd
