#include "cmd/config_file.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include "cmd/arguments.h"
#include "os/filesystem.h"
#include "os/posix/storage.h"
#include "os/process.h"

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
  os::PosixStorage storage;
  // Settings may well be kept elsewhere, under version control.
  BOBBIN_TRY_ASSIGN(file, os::resolved_file(path));
  auto text = os::read_whole_file(storage, file);
  if (!text && text.error().code == Errc::not_found) return metadata::ConfigMap();
  if (!text) return std::move(text).error();
  BOBBIN_TRY(check_author(path));
  return parse_config_file(*text, path);
}

Result<metadata::ConfigMap> static_configs(const std::string& path, const std::vector<std::string>& set) {
  BOBBIN_TRY_ASSIGN(configs, read_config_file(path));
  for (const std::string& text : set) {
    auto pair = key_and_value(text);
    if (!pair) return error(Errc::usage, "--set: '" + text + "' is no NAME=VALUE");
    auto value = metadata::checked_config(metadata::ConfigScope::broker, pair->first, pair->second);
    if (!value) return std::move(value).error().in("--set");
    configs[pair->first] = *value;
  }
  return std::move(configs);
}

}  // namespace bobbin::cmd
