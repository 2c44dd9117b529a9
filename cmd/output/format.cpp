#include "cmd/output/format.h"

#include <charconv>
#include <ctime>
#include <utility>

#include "base/text.h"
#include "cmd/output/json_envelope.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {
namespace {

void append_number(std::string& out, int64_t value) {
  char text[24];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, static_cast<size_t>(end - text));
}

void append_hex(std::string& out, Bytes bytes) {
  for (char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
}

int64_t size_or_null(const std::optional<Bytes>& bytes) { return bytes ? static_cast<int64_t>(bytes->size()) : -1; }

void append_time(std::string& out, const std::string& pattern, Timestamp time) {
  if (pattern.empty() || time == timestamp_none) return append_number(out, time.value);
  std::time_t seconds =
      static_cast<std::time_t>(time.value / 1000 - (time.value % 1000 < 0 ? 1 : 0));  // also before 1970
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[256];
  out.append(text, std::strftime(text, sizeof text, pattern.c_str(), &parts));
}

// rpk writes %d{strftime[%F]}; the brackets are optional here.
std::string time_pattern(std::string_view braces) {
  if (braces.starts_with("strftime[") && braces.ends_with("]")) braces = braces.substr(9, braces.size() - 10);
  return std::string(braces);
}

Error bad_format(std::string message) { return error(Errc::usage, "--format: " + std::move(message)); }

}  // namespace

Format Format::plain(Plain how) {
  Format f;
  f.plain_ = std::move(how);
  return f;
}

Format Format::json() {
  Format f;
  f.kind_ = Kind::json;
  return f;
}

Result<Format> Format::letters(std::string_view text, std::string null_text) {
  Format f;
  f.kind_ = Kind::letters;
  f.plain_.null_text = std::move(null_text);
  BOBBIN_TRY_ASSIGN(parts, parse(text, "svSVRkKtTpohHd"));
  f.parts_ = std::move(parts);
  return f;
}

Result<std::vector<Format::Part>> Format::parse(std::string_view text, std::string_view known) {
  std::vector<Part> parts;
  std::string plain;
  auto flush = [&]() -> Status {
    if (plain.empty()) return {};
    BOBBIN_TRY_ASSIGN(bytes, unescaped(plain, "--format"));
    parts.push_back(Part{0, bytes, {}});
    plain.clear();
    return {};
  };
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '%') {
      plain += text[i];
      if (text[i] == '\\' && i + 1 < text.size()) plain += text[++i];
      continue;
    }
    char letter = i + 1 < text.size() ? text[++i] : '\0';
    if (letter == '%') {
      plain += '%';
      continue;
    }
    if (letter == '\0' || known.find(letter) == std::string_view::npos)
      return bad_format(letter ? "%" + std::string(1, letter) +
                                     " means nothing; the letters are %s %k %t %p %o %T %d %h %S %K %R %H %%"
                               : "ends in a %; write %% for a percent sign");
    BOBBIN_TRY(flush());
    Part part{letter, {}, {}};
    if (i + 1 < text.size() && text[i + 1] == '{') {
      size_t close = text.find('}', i);
      if (close == std::string_view::npos) return bad_format("a { without }");
      part.text = std::string(text.substr(i + 2, close - i - 2));
      i = close;
      bool is_bytes = letter == 's' || letter == 'v' || letter == 'k';
      if (is_bytes && part.text != "hex" && part.text != "base64")
        return bad_format("%" + std::string(1, letter) + "{" + part.text + "}: the forms are hex and base64");
      if (letter == 'd') part.text = time_pattern(part.text);
      if (letter == 'h') {
        BOBBIN_TRY_ASSIGN(inner, parse(part.text, "kvsKVS"));
        part.inner = std::move(inner);
      }
      if (!is_bytes && letter != 'd' && letter != 'h')
        return bad_format("%" + std::string(1, letter) + " takes no braces");
    }
    parts.push_back(std::move(part));
  }
  BOBBIN_TRY(flush());
  return parts;
}

bool Format::is_values_only() const {
  const Plain& p = plain_;
  bool more =
      p.sized || p.timestamp || p.partition || p.offset || p.delivery || p.epoch || p.headers || p.key_delimiter;
  return kind_ == Kind::plain && p.value && !more && !escape_;
}

void Format::append(std::string& out, const Printed& printed) {
  if (kind_ == Kind::plain) return append_plain(out, printed);
  if (kind_ == Kind::json) return append_json(out, printed);
  for (const Part& part : parts_) append_part(out, part, printed);
}

void Format::append_bytes(std::string& out, const std::optional<Bytes>& bytes, std::string_view encoding) {
  if (!bytes) {
    out += plain_.null_text;
  } else if (encoding == "hex") {
    append_hex(out, *bytes);
  } else if (encoding == "base64") {
    append_base64(out, *bytes);
  } else if (escape_) {
    out += escaped_for_terminal(*bytes);
  } else {
    out += *bytes;
  }
}

void Format::read_headers(const record::Record& record) {
  headers_.clear();
  if (record.headers_count > 0 && !record::parse_headers(record, headers_)) headers_.clear();
}

void Format::append_headers(std::string& out, const record::Record& record, char divider, std::string_view separator) {
  read_headers(record);
  bool first = true;
  for (const record::Header& h : headers_) {
    if (!first) out += separator;
    first = false;
    append_bytes(out, h.key);
    out += divider;
    append_bytes(out, h.value);
  }
}

// As DefaultMessageFormatter of Kafka's console consumer does. Whether there was any.
bool Format::append_columns(std::string& out, const Printed& printed) {
  const record::Record& r = printed.record;
  bool any = false;
  auto column = [&]() -> std::string& {
    if (std::exchange(any, true)) out += plain_.separator;
    return out;
  };
  bool at_append = r.timestamp_type == record::TimestampType::log_append_time;
  if (plain_.timestamp) append_number(column() += at_append ? "LogAppendTime:" : "CreateTime:", r.timestamp.value);
  if (plain_.partition) append_number(column() += "Partition:", printed.partition.value);
  if (plain_.offset) append_number(column() += "Offset:", r.offset.value);
  // The console consumer keeps neither for its formatter: it prints these whatever a record has.
  if (plain_.delivery) column() += "Delivery:NOT_PRESENT";
  if (plain_.epoch) column() += "Epoch:NOT_PRESENT";
  if (plain_.headers && r.headers_count == 0) column() += "NO_HEADERS";
  else if (plain_.headers) append_headers(column(), r, ':', plain_.headers_separator);
  if (plain_.key_delimiter) append_bytes(column(), r.key);
  return any;
}

void Format::append_plain(std::string& out, const Printed& printed) {
  size_t begin = out.size();
  const record::Record& r = printed.record;
  if (plain_.sized) out.append(4, '\0');
  bool columns = append_columns(out, printed);
  if (columns && plain_.value) out += plain_.key_delimiter ? *plain_.key_delimiter : plain_.separator;
  if (plain_.value) append_bytes(out, r.value);
  if (plain_.sized) {
    store_be(out.data() + begin, static_cast<uint32_t>(out.size() - begin - 4));
  } else if (columns || plain_.value) {
    out += plain_.delimiter;
  }
}

void Format::append_json(std::string& out, const Printed& printed) {
  const record::Record& r = printed.record;
  out += "{\"topic\":";
  append_json_string(out, printed.topic);
  append_number(out += ",\"partition\":", printed.partition.value);
  append_number(out += ",\"offset\":", r.offset.value);
  append_number(out += ",\"timestamp\":", r.timestamp.value);
  append_json_bytes(out += ',', "key", r.key);
  append_json_bytes(out += ',', "value", r.value);
  read_headers(r);
  append_json_headers(out += ",\"headers\":", headers_);
  out += "}\n";
}

void Format::append_part(std::string& out, const Part& part, const Printed& printed) {
  const record::Record& r = printed.record;
  switch (part.letter) {
    case 0:
      out += part.text;
      break;
    case 's':
    case 'v':
      append_bytes(out, r.value, part.text);
      break;
    case 'S':
    case 'V':
      append_number(out, size_or_null(r.value));
      break;
    case 'R':
      append_be(out, static_cast<int32_t>(size_or_null(r.value)));
      break;
    case 'k':
      append_bytes(out, r.key, part.text);
      break;
    case 'K':
      append_number(out, size_or_null(r.key));
      break;
    case 't':
      append_bytes(out, Bytes(printed.topic));
      break;
    case 'p':
      append_number(out, printed.partition.value);
      break;
    case 'o':
      append_number(out, r.offset.value);
      break;
    case 'T':
      append_number(out, r.timestamp.value);
      break;
    case 'd':
      append_time(out, part.text, r.timestamp);
      break;
    case 'H':
      append_number(out, r.headers_count);
      break;
    case 'h':
      if (part.inner.empty()) return append_headers(out, r, '=', ",");
      read_headers(r);
      for (const record::Header& h : headers_)
        for (const Part& inner : part.inner) append_header(out, inner, h);
      break;
    default:
      break;
  }
}

void Format::append_header(std::string& out, const Part& part, const record::Header& header) {
  switch (part.letter) {
    case 0:
      out += part.text;
      break;
    case 'k':
      append_bytes(out, header.key);
      break;
    case 'K':
      append_number(out, static_cast<int64_t>(header.key.size()));
      break;
    case 'V':
    case 'S':
      append_number(out, size_or_null(header.value));
      break;
    default:
      append_bytes(out, header.value);
  }
}

}  // namespace bobbin::cmd
