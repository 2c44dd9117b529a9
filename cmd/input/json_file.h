// JSON of files that options name (Kafka's tools', and ours), read with errors for people: Errc::malformed, what is wrong.
#pragma once

#include <rapidjson/document.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace bobbin::cmd {

Error malformed(const std::string& what);

inline std::string_view text_of(const rapidjson::Value& value) { return {value.GetString(), value.GetStringLength()}; }

Result<rapidjson::Document> parse_document(Bytes json);

// Gives each field of an object to `take`; none may be there twice, and those `needed` must be there.
Status take_fields(const rapidjson::Value& object, std::initializer_list<std::string_view> needed,
                   const std::function<Status(std::string_view name, const rapidjson::Value&)>& take);

}  // namespace bobbin::cmd
