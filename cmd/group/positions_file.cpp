#include "cmd/group/positions_file.h"

#include "base/number.h"
#include "base/text.h"
#include "cmd/input/json_file.h"

namespace bobbin::cmd {
namespace {

// --- CSV

// Lines of fields.
class CsvReader {
 public:
  explicit CsvReader(Bytes text) : text_(text) {}

  bool is_at_end() const { return at_ == text_.size(); }
  size_t line() const { return line_; }
  // The fields of the next line; none of one that is empty.
  Result<std::vector<std::string>> next() {
    std::vector<std::string> fields;
    line_++;
    while (true) {
      BOBBIN_TRY_ASSIGN(field, is_at('"') ? quoted() : Result<std::string>(plain()));
      fields.push_back(std::move(field));
      if (is_at(',')) {
        at_++;
        continue;
      }
      if (is_at('\r')) at_++;
      if (!is_at_end() && !is_at('\n')) return malformed("there is text behind the quote that ends a field");
      if (!is_at_end()) at_++;
      break;
    }
    if (fields.size() == 1 && fields[0].empty()) fields.clear();
    return fields;
  }

 private:
  bool is_at(char c) const { return at_ < text_.size() && text_[at_] == c; }
  std::string plain() {
    const size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
    std::string field(text_.substr(at_, end - at_));
    at_ = end;
    if (field.ends_with('\r') && !is_at(',')) field.pop_back();
    return field;
  }
  Result<std::string> quoted() {
    std::string field;
    for (at_++;; at_++) {
      if (is_at_end()) return malformed("a quote is not closed");
      if (text_[at_] == '"' && !(at_ + 1 < text_.size() && text_[at_ + 1] == '"')) break;
      if (text_[at_] == '"') at_++;
      field += text_[at_];
    }
    at_++;
    return field;
  }

  Bytes text_;
  size_t at_ = 0, line_ = 0;
};

Result<FiledPosition> position_in(const std::vector<std::string>& fields) {
  if (fields.size() != 3 && fields.size() != 4)
    return malformed("topic,partition,offset or group,topic,partition,offset is expected");
  const size_t skip = fields.size() - 3;
  auto number = number_in<int32_t>(trimmed(fields[skip + 1]), 0);
  if (!number) return malformed("'" + escaped_for_line(fields[skip + 1]) + "' is no partition");
  auto offset = number_in<int64_t>(trimmed(fields[skip + 2]), 0);
  if (!offset) return malformed("'" + escaped_for_line(fields[skip + 2]) + "' is no offset");
  return FiledPosition{skip ? fields[0] : "", fields[skip], PartitionId(*number), Offset(*offset)};
}

Result<std::vector<FiledPosition>> parse_csv(Bytes text) {
  std::vector<FiledPosition> out;
  for (CsvReader reader(text); !reader.is_at_end();) {
    auto fields = reader.next();
    const std::string where = "line " + std::to_string(reader.line());
    if (!fields) return std::move(fields).error().in(where);
    if (fields->empty()) continue;
    auto position = position_in(*fields);
    if (!position) return std::move(position).error().in(where);
    out.push_back(std::move(*position));
  }
  return out;
}

std::string field_of(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos && !text.starts_with('[') && trimmed(text) == text)
    return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// --- JSON

using Value = rapidjson::Value;

Status take_field(std::string_view name, const Value& value, FiledPosition& into) {
  if (name == "group" || name == "topic") {
    if (!value.IsString()) return malformed("\"" + std::string(name) + "\" is a text");
    (name == "group" ? into.group : into.topic) = text_of(value);
  } else if (name == "partition") {
    if (!value.IsInt() || value.GetInt() < 0) return malformed("\"partition\" is a number from 0 on");
    into.partition = PartitionId(value.GetInt());
  } else if (name == "offset") {
    if (!value.IsInt64() || value.GetInt64() < 0) return malformed("\"offset\" is a number from 0 on");
    into.offset = Offset(value.GetInt64());
  } else {
    return malformed("there is no field \"" + escaped_for_line(name) + "\"");
  }
  return {};
}

Result<FiledPosition> position_in(const Value& value) {
  if (!value.IsObject()) return malformed("a list of objects is expected");
  FiledPosition position;
  BOBBIN_TRY(take_fields(value, {"topic", "partition", "offset"},
                         [&](std::string_view name, const Value& field) { return take_field(name, field, position); }));
  return position;
}

Result<std::vector<FiledPosition>> parse_json(Bytes json) {
  BOBBIN_TRY_ASSIGN(document, parse_document(json));
  std::vector<FiledPosition> out;
  for (const Value& value : document.GetArray()) {
    BOBBIN_TRY_ASSIGN(position, position_in(value));
    out.push_back(std::move(position));
  }
  return out;
}

}  // namespace

Result<std::vector<FiledPosition>> parse_positions(Bytes text) {
  return trimmed(text).starts_with('[') ? parse_json(text) : parse_csv(text);
}

std::string positions_csv(const std::vector<FiledPosition>& positions, bool with_groups) {
  std::string out;
  for (const FiledPosition& p : positions)
    out += (with_groups ? field_of(p.group) + "," : "") + field_of(p.topic) + "," + to_string(p.partition) + "," +
           to_string(p.offset) + "\n";
  return out;
}

}  // namespace bobbin::cmd
