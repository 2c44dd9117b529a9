#include "cmd/topic/deletions_json.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <set>

#include "base/text.h"
#include "base/topic_name.h"

namespace bobbin::cmd {
namespace {

using Value = rapidjson::Value;

Error malformed(const std::string& what) { return error(Errc::malformed, what); }

std::string_view text_of(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

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
  std::set<std::string_view> seen;
  for (const auto& member : value.GetObject()) {
    if (!seen.insert(text_of(member.name)).second)
      return malformed("\"" + escaped_for_line(text_of(member.name)) + "\" is there twice");
    BOBBIN_TRY(take_field(text_of(member.name), member.value, one));
  }
  for (std::string_view needed : {"topic", "partition", "offset"})
    if (!seen.contains(needed)) return malformed("\"" + std::string(needed) + "\" is missing");
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
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  if (document.HasParseError())
    return malformed(std::string(rapidjson::GetParseError_En(document.GetParseError())) + " (at byte " +
                     std::to_string(document.GetErrorOffset()) + ")");
  if (!document.IsObject()) return malformed("an object is expected");
  std::vector<FiledDeletion> out;
  std::set<std::string_view> seen;
  for (const auto& member : document.GetObject()) {
    const std::string_view name = text_of(member.name);
    if (!seen.insert(name).second) return malformed("\"" + escaped_for_line(name) + "\" is there twice");
    if (name == "partitions") {
      BOBBIN_TRY(take_partitions(member.value, out));
    } else if (name != "version") {
      return malformed("there is no field \"" + escaped_for_line(name) + "\"");
    } else if (!member.value.IsInt() || member.value.GetInt() != 1) {
      return malformed("only \"version\" 1 is known");
    }
  }
  if (!seen.contains("partitions")) return malformed("\"partitions\" is missing");
  return out;
}

}  // namespace bobbin::cmd
