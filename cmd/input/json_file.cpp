#include "cmd/input/json_file.h"

#include <rapidjson/error/en.h>

#include <set>

#include "base/text.h"

namespace bobbin::cmd {

Error malformed(const std::string& what) { return error(Errc::malformed, what); }

Result<rapidjson::Document> parse_document(Bytes json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  if (document.HasParseError())
    return malformed(std::string(rapidjson::GetParseError_En(document.GetParseError())) + " (at byte " +
                     std::to_string(document.GetErrorOffset()) + ")");
  return document;
}

Status take_fields(const rapidjson::Value& object, std::initializer_list<std::string_view> needed,
                   const std::function<Status(std::string_view name, const rapidjson::Value&)>& take) {
  std::set<std::string_view> seen;
  for (const auto& member : object.GetObject()) {
    const std::string_view name = text_of(member.name);
    if (!seen.insert(name).second) return malformed("\"" + escaped_for_line(name) + "\" is there twice");
    BOBBIN_TRY(take(name, member.value));
  }
  for (std::string_view each : needed)
    if (!seen.contains(each)) return malformed("\"" + std::string(each) + "\" is missing");
  return {};
}

}  // namespace bobbin::cmd
