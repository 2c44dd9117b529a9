#include "cmd/output/json_envelope.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <array>
#include <cstdio>

#include "base/text.h"

namespace bobbin::cmd {
namespace {

enum class Field { none, topic, partition, offset, timestamp, key, key_b64, value, value_b64, headers };

struct FieldName {
  std::string_view name;
  Field field;
};
constexpr FieldName record_fields[] = {{"topic", Field::topic},    {"partition", Field::partition},
                                       {"offset", Field::offset},  {"timestamp", Field::timestamp},
                                       {"key", Field::key},        {"key_b64", Field::key_b64},
                                       {"value", Field::value},    {"value_b64", Field::value_b64},
                                       {"headers", Field::headers}};
constexpr FieldName header_fields[] = {
    {"key", Field::key}, {"key_b64", Field::key_b64}, {"value", Field::value}, {"value_b64", Field::value_b64}};

// Receives the parser's events. Any surprise ends the parse with `problem`; so the depth is bounded by what is known.
class Handler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler> {
 public:
  explicit Handler(Envelope& into) : into_(into) {}

  std::string problem;

  bool Default() { return is_ignored() || refuse(wrong_kind); }
  bool Null() {
    if (level_ == Level::outside || level_ == Level::list) return refuse("is not an object");
    if (field_ == Field::headers || field_ == Field::key_b64 || field_ == Field::value_b64)
      return field_ == Field::headers || Default();
    return level_ != Level::header || field_ != Field::key || refuse("has a header whose key is null");
  }
  bool Int(int v) { return number(v); }
  bool Uint(unsigned v) { return number(v); }
  bool Int64(int64_t v) { return number(v); }
  bool Uint64(uint64_t v) {
    return v <= INT64_MAX ? number(static_cast<int64_t>(v))
                          : is_ignored() || refuse("holds a number that is too large");
  }
  bool Double(double) { return is_ignored() || refuse("holds a number that is not whole"); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (level_ == Level::outside || level_ == Level::list) return refuse("is not an object");
    return string(std::string_view(text, size));
  }
  bool StartObject() {
    if (level_ == Level::outside) return level_ = Level::record, true;
    if (level_ != Level::list) return refuse(wrong_kind);
    level_ = Level::header;
    seen_in_header_ = 0;
    into_.headers.emplace_back();
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    std::string_view name(text, size);
    return level_ == Level::header ? key(header_fields, name, seen_in_header_) : key(record_fields, name, seen_);
  }
  bool EndObject(rapidjson::SizeType) {
    if (level_ == Level::record) return level_ = Level::done, true;
    level_ = Level::list;
    return (seen_in_header_ & bit(Field::key)) != 0 || refuse("has a header without a key");
  }
  bool StartArray() {
    if (level_ != Level::record || field_ != Field::headers)
      return refuse(level_ == Level::outside ? "is not an object" : wrong_kind);
    level_ = Level::list;
    return true;
  }
  bool EndArray(rapidjson::SizeType) { return level_ = Level::record, true; }

 private:
  enum class Level { outside, record, list, header, done };
  static constexpr std::string_view wrong_kind = "holds a value of the wrong kind";

  // Where a record came from is nothing to go by.
  bool is_ignored() const { return level_ == Level::record && (field_ == Field::topic || field_ == Field::offset); }

  static unsigned bit(Field f) {
    if (f == Field::key_b64) f = Field::key;
    if (f == Field::value_b64) f = Field::value;
    return 1u << static_cast<unsigned>(f);
  }

  bool refuse(std::string_view what) {
    problem = field_name_.empty() || what.starts_with("is ") ? std::string(what)
                                                             : std::string(what) + " at \"" + field_name_ + "\"";
    return false;
  }

  bool key(std::span<const FieldName> known, std::string_view name, unsigned& seen) {
    field_name_ = std::string(name.substr(0, 64));
    for (const FieldName& f : known) {
      if (f.name != name) continue;
      field_ = f.field;
      if (seen & bit(field_)) return refuse("says something twice");
      seen |= bit(field_);
      return true;
    }
    std::vector<std::string_view> names;
    for (const FieldName& f : known) names.push_back(f.name);
    auto near = nearest_name(name, names);
    std::string what =
        "has an unknown field \"" + field_name_ + "\"" + (near ? "; did you mean \"" + std::string(*near) + "\"?" : "");
    problem = std::move(what);
    return false;
  }

  bool number(int64_t v) {
    if (level_ != Level::record) return level_ == Level::outside ? refuse("is not an object") : Default();
    switch (field_) {
      case Field::offset:
        return true;
      case Field::timestamp:
        into_.timestamp = Timestamp(v);
        return true;
      case Field::partition:
        if (v < 0 || v > INT32_MAX) return refuse("holds a number that is no partition");
        into_.partition = PartitionId(static_cast<int32_t>(v));
        return true;
      default:
        return Default();
    }
  }

  bool string(std::string_view text) {
    switch (field_) {
      case Field::topic:
        return true;
      case Field::key:
      case Field::value:
        return keep(std::string(text));
      case Field::key_b64:
      case Field::value_b64: {
        auto bytes = parse_base64(text);
        return bytes ? keep(std::move(*bytes)) : refuse("holds no valid base64");
      }
      default:
        return Default();
    }
  }

  bool keep(std::string bytes) {
    bool is_key = field_ == Field::key || field_ == Field::key_b64;
    if (level_ == Level::header) {
      if (is_key) into_.headers.back().key = std::move(bytes);
      else into_.headers.back().value = std::move(bytes);
    } else {
      (is_key ? into_.key : into_.value) = std::move(bytes);
    }
    return true;
  }

  Envelope& into_;
  Level level_ = Level::outside;
  Field field_ = Field::none;
  std::string field_name_;
  unsigned seen_ = 0;
  unsigned seen_in_header_ = 0;
};

void append_escape(std::string& out, uint32_t code) {
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", code);
  out += text;
}

constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<signed char, 256> digit_values = [] {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (signed char i = 0; i < 64; i++) values[static_cast<unsigned char>(digits[i])] = i;
  return values;
}();

}  // namespace

Status parse_envelope(Bytes json, Envelope& into) {
  into.partition.reset();
  into.timestamp.reset();
  into.key.reset();
  into.value.reset();
  into.headers.clear();
  Handler handler(into);
  rapidjson::MemoryStream stream(json.data(), json.size());
  rapidjson::Reader reader;
  auto result = reader.Parse<rapidjson::kParseValidateEncodingFlag>(stream, handler);
  if (!result) {
    std::string what = !handler.problem.empty() ? "the JSON " + handler.problem
                                                : "not valid JSON at byte " + std::to_string(result.Offset()) + ": " +
                                                      rapidjson::GetParseError_En(result.Code());
    return error(Errc::malformed, std::move(what));
  }
  // A NUL ends the stream for the parser; nothing may follow it.
  if (stream.Tell() != json.size())
    return error(Errc::malformed, "not valid JSON: a NUL at byte " + std::to_string(stream.Tell()));
  return {};
}

void append_json_string(std::string& out, Bytes utf8) {
  out += '"';
  size_t plain = 0;
  for (size_t i = 0; i < utf8.size();) {
    auto c = static_cast<unsigned char>(utf8[i]);
    uint32_t code = c;
    size_t length = c >= 0x20 && c < 0x7f ? 0 : steering_bytes(utf8.substr(i), code);
    if (length == 0 && c != '"' && c != '\\') {
      i++;
      continue;
    }
    length = std::max<size_t>(length, 1);
    out += utf8.substr(plain, i - plain);
    if (c == '"' || c == '\\') out.append(1, '\\').append(1, static_cast<char>(c));
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else append_escape(out, code);
    i += length;
    plain = i;
  }
  out += utf8.substr(plain);
  out += '"';
}

void append_json_text(std::string& out, std::string_view text) {
  append_json_string(out, is_utf8(text) ? std::string(text) : escaped_for_line(text));
}

void append_json_bytes(std::string& out, std::string_view field, const std::optional<Bytes>& bytes) {
  out.append("\"").append(field);
  if (!bytes) {
    out += "\":null";
  } else if (is_utf8(*bytes)) {
    out += "\":";
    append_json_string(out, *bytes);
  } else {
    out += "_b64\":\"";
    append_base64(out, *bytes);
    out += '"';
  }
}

void append_json_headers(std::string& out, std::span<const record::Header> headers) {
  out += '[';
  for (size_t i = 0; i < headers.size(); i++) {
    append_json_bytes(out += i ? ",{" : "{", "key", headers[i].key);
    append_json_bytes(out += ',', "value", headers[i].value);
    out += '}';
  }
  out += ']';
}

void append_base64(std::string& out, Bytes bytes) {
  for (size_t i = 0; i < bytes.size(); i += 3) {
    size_t n = std::min<size_t>(3, bytes.size() - i);
    unsigned v = 0;
    for (size_t k = 0; k < 3; k++) v = v << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0);
    out += digits[v >> 18];
    out += digits[v >> 12 & 63];
    out += n > 1 ? digits[v >> 6 & 63] : '=';
    out += n > 2 ? digits[v & 63] : '=';
  }
}

std::optional<std::string> parse_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  unsigned v = 0;
  for (size_t i = 0; i < text.size(); i++) {
    bool pad = i >= text.size() - padding;
    int digit = pad ? 0 : digit_values[static_cast<unsigned char>(text[i])];
    if (digit < 0) return std::nullopt;
    v = v << 6 | static_cast<unsigned>(digit);
    if (i % 4 != 3) continue;
    out += static_cast<char>(v >> 16 & 255);
    out += static_cast<char>(v >> 8 & 255);
    out += static_cast<char>(v & 255);
    v = 0;
  }
  for (size_t i = 0; i < padding; i++) {
    if (out.back() != '\0') return std::nullopt;  // stray bits below the last byte
    out.pop_back();
  }
  return out;
}

}  // namespace bobbin::cmd
