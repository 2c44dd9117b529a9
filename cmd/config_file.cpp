#include "cmd/config_file.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
// It asserts what a file says ("[=" is no table), and looks once more and tells where that is off. With NDEBUG some
// compilers would take its word instead.
#define TOML_ASSERT(expression) static_assert(true)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#include <toml++/toml.h>
#pragma GCC diagnostic pop
#pragma pop_macro("NDEBUG")

#include "os/filesystem.h"
#include "os/posix/storage.h"
#include "os/process.h"

#include <algorithm>

namespace bobbin::cmd {
namespace {

std::optional<std::string> scalar(const toml::node& node) {
  if (auto text = node.as_string()) return text->get();
  if (auto number = node.as_integer()) return std::to_string(number->get());
  if (auto truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return std::nullopt;
}

// An array of texts is a list of Kafka: "a,b".
std::optional<std::string> value_of(const toml::node& node) {
  const toml::array* array = node.as_array();
  if (!array) return scalar(node);
  std::string out;
  for (const toml::node& each : *array) {
    auto one = scalar(each);
    if (!one) return std::nullopt;
    out += (out.empty() ? "" : ",") + *one;
  }
  return out;
}

constexpr size_t file_bytes_max = 1 << 20;
constexpr int depth_max = 32;  // of names and tables: Kafka's have six parts

std::string at_line(const std::string& path, Bytes before) {
  return path + ":" + std::to_string(1 + std::count(before.begin(), before.end(), '\n')) + ": ";
}

// Behind the string that begins at `at`: in one of TOML's four kinds of quotes, or cut short.
size_t behind_string(std::string_view text, size_t at) {
  char quote = text[at];
  bool is_long = text.substr(at, 3) == std::string(3, quote);
  for (at += is_long ? 3 : 1; at < text.size(); at++) {
    if (text[at] == '\n' && !is_long) return at;
    if (text[at] == '\\' && quote == '"') at++;
    else if (text[at] == quote && !is_long) return at + 1;
    // One or two more are the string's own.
    else if (is_long && text.substr(at, 3) == std::string(3, quote)) return std::min({text.find_first_not_of(quote, at), at + 5, text.size()});
  }
  return text.size();
}

// The parser makes a table of each part of a dotted name, and goes into them one inside of the other, as deep as they are:
// so their parts are counted first.
Status check_depth(std::string_view text, const std::string& path) {
  int dots = 0, open = 0;
  for (size_t at = 0; at < text.size();) {
    char c = text[at];
    if (c == '"' || c == '\'') {
      at = behind_string(text, at);
      continue;
    }
    if (c == '#') at = std::min(text.find('\n', at), text.size() - 1);
    if (c == '.') dots++;
    if (c == '{' || c == '[') open++;
    if ((c == '}' || c == ']') && open > 0) open--;
    if (c == '\n' || c == '#' || c == '=' || c == ',' || c == '{' || c == '[') dots = 0;
    if (dots > depth_max || open > depth_max)
      return error(Errc::invalid_config, at_line(path, text.substr(0, at)) + "more than " + std::to_string(depth_max) + " names or tables, one inside of the other");
    at++;
  }
  return {};
}

// Not more than it may have: an endless one is not read to its end.
Result<std::string> read_file(const std::string& place, const std::string& path) {
  os::PosixStorage storage;
  BOBBIN_TRY_ASSIGN(file, storage.open(place, os::Open::read));
  std::string text(file_bytes_max + 1, '\0');
  BOBBIN_TRY_ASSIGN(got, file->read(text, 0));
  text.resize(got);
  if (got <= file_bytes_max) return text;
  return error(Errc::damaged, at_line(path, text) + "the file goes on behind its first " + std::to_string(file_bytes_max) + " bytes; it is no file of settings");
}

Status flatten(const toml::table& table, const std::string& prefix, const std::string& path, metadata::ConfigMap& into) {
  for (const auto& [key, node] : table) {
    std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      BOBBIN_TRY(flatten(*inner, name + ".", path, into));
      continue;
    }
    std::string where = path + ":" + std::to_string(node.source().begin.line);
    auto text = value_of(node);
    if (!text) return error(Errc::invalid_config, where + ": " + name + " is no text, number, truth value or list of them");
    auto value = metadata::checked_config(metadata::ConfigScope::broker, name, *text);
    if (!value) return std::move(value).error().in(where);
    into[name] = *value;
  }
  return {};
}

}  // namespace

Result<metadata::ConfigMap> parse_config_file(std::string_view text, const std::string& path) {
  BOBBIN_TRY(check_depth(text, path));
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    std::string where = path + ":" + std::to_string(parsed.error().source().begin.line) + ": ";
    return error(Errc::invalid_config, where + std::string(parsed.error().description()));
  }
  metadata::ConfigMap configs;
  BOBBIN_TRY(flatten(parsed.table(), "", path, configs));
  return configs;
}

namespace {

// It decides who gets in: whoever else could write it would decide that.
Status check_author(const std::string& path) {
  BOBBIN_TRY_ASSIGN(access, os::access_of(path));
  auto owner = os::owner_of(path.substr(0, path.rfind('/')));
  bool is_known = access.owner == os::current_uid() || access.owner == 0 || (owner && access.owner == *owner);
  if (!is_known) return error(Errc::permission_denied, path + " belongs to uid " + std::to_string(access.owner) + ": not read; remove it, or make it yours (chown)");
  if (access.others_write) return error(Errc::permission_denied, path + ": everybody may write to it: not read; chmod o-w takes that right away");
  return {};
}

}  // namespace

Result<metadata::ConfigMap> read_config_file(const std::string& path) {
  // Settings may well be kept elsewhere, under version control.
  BOBBIN_TRY_ASSIGN(file, os::resolved_file(path));
  auto text = read_file(file, path);
  if (!text && text.error().code == Errc::not_found) return metadata::ConfigMap();
  if (!text) return std::move(text).error();
  BOBBIN_TRY(check_author(path));
  return parse_config_file(*text, path);
}

}  // namespace bobbin::cmd
