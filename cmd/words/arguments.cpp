#include "cmd/words/arguments.h"

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "base/units.h"

namespace bobbin::cmd {
namespace {

// "; did you mean NAME?", or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& names) {
  auto near = nearest_name(word, names);
  return near ? "; did you mean " + std::string(*near) + "?" : "";
}

// Every way to write an option, as CLI11 wants it: "-k,--key,--other".
std::string names_of(const Option& option) {
  std::string names;
  for (char c : option.shorts) names.append("-").append(1, c).append(",");
  names.append("--").append(option.name);
  for (std::string_view alias : split(option.aliases, ' ')) names.append(",--").append(alias);
  return names;
}

template <class Use>
void for_each_option(const Command& command, Use use) {
  for (const Option& o : command.options) use(o);
  if (command.lists) use(output_option());
  for (const Option& o : global_options()) use(o);
}

Error unknown_option(const Command& command, const std::string& typed) {
  std::string word = typed.substr(0, typed.find('='));
  std::vector<std::string> known;
  for_each_option(command, [&](const Option& o) {
    known.push_back("--" + std::string(o.name));
    for (std::string_view alias : split(o.aliases, ' ')) known.push_back("--" + std::string(alias));
  });
  std::vector<std::string_view> views(known.begin(), known.end());
  return usage("unknown option " + word + (word.starts_with("--") ? suggestion(word, views) : ""));
}

// The option of any command that is written so, for those that come before the command's name.
const Option* find_global(std::string_view written) {
  static constexpr Command nothing{.name = "", .lists = true};
  return find_option(nothing, written);
}

bool is_option(std::string_view word) { return word.size() > 1 && word[0] == '-' && word != "--"; }

// "--name=value" is split at '=' so that an empty value stays one, and an option whose value is optional gets it. What
// follows a "--" goes to `words`.
Result<std::vector<std::string>> prepared(const Command& command, const std::vector<std::string>& typed,
                                          std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (size_t i = 0; i < typed.size(); i++) {
    const std::string& word = typed[i];
    if (word == "--") {
      words.assign(typed.begin() + static_cast<std::ptrdiff_t>(i) + 1, typed.end());
      break;
    }
    size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const Option* option = find_option(command, word.substr(0, equals));
    bool is_flag = option && option->value.empty();
    if (is_flag && equals != std::string::npos) return usage(word.substr(0, equals) + " takes no value");
    bool split_here = option && !is_flag && equals != std::string::npos;
    out.push_back(split_here ? word.substr(0, equals) : word);
    if (split_here) {
      out.push_back(word.substr(equals + 1));
    } else if (option && option->value_is_optional) {
      bool follows = i + 1 < typed.size() && !is_option(typed[i + 1]) && typed[i + 1].find(':') != std::string::npos;
      out.push_back(follows ? typed[++i] : "");
    } else if (option && !is_flag) {
      if (i + 1 == typed.size()) return usage(word + " needs a value: " + std::string(option->value));
      out.push_back(typed[++i]);  // whatever it looks like: a value may begin with a dash
    }
  }
  return out;
}

}  // namespace

Result<Arguments> Arguments::parse(const std::vector<std::string>& typed) {
  Arguments arguments;
  std::vector<std::string> rest = typed;
  BOBBIN_TRY(arguments.find(rest));
  if (!arguments.command_) return arguments;
  BOBBIN_TRY(arguments.read(rest));
  BOBBIN_TRY(arguments.check_values());
  return arguments;
}

// Takes the one or two words of the command's name out of `typed`; global options may stand before and between.
Status Arguments::find(std::vector<std::string>& typed) {
  std::vector<std::string_view> known;
  for (const Command& c : commands())
    if (!c.hidden) known.push_back(c.name.substr(0, c.name.find(' ')));
  for (size_t i = 0; i < typed.size();) {
    std::string word = typed[i];
    if (is_option(word)) {
      const Option* option = find_global(word.substr(0, word.starts_with("--") ? word.find('=') : 2));
      if (option && option->value.empty()) values_[std::string(option->name)];
      bool value_follows = option && !option->value.empty() &&
                           (word.starts_with("--") ? word.find('=') == std::string::npos : word.size() == 2);
      if (!option && group_.empty()) {
        static constexpr Command nothing{.name = "", .lists = true};
        return unknown_option(nothing, word);
      }
      i += value_follows ? 2 : 1;
      continue;
    }
    std::string name = group_.empty() ? word : group_ + " " + word;
    typed.erase(typed.begin() + static_cast<std::ptrdiff_t>(i));
    if ((command_ = find_command(name))) {
      values_.clear();
      return {};
    }
    if (!group_.empty()) {
      std::vector<std::string_view> verbs;
      for (const Command& c : commands())
        if (!c.hidden && c.name.starts_with(group_ + " ")) verbs.push_back(c.name.substr(group_.size() + 1));
      return usage("unknown command '" + name + "'" + suggestion(word, verbs));
    }
    bool is_group = false;
    for (const Command& c : commands()) is_group |= c.name.starts_with(word + " ");
    if (!is_group) return usage("unknown command '" + word + "'" + suggestion(word, known));
    group_ = word;
  }
  return {};
}

Status Arguments::read(const std::vector<std::string>& typed) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<std::pair<const Option*, CLI::Option*>> declared;
  for_each_option(*command_, [&](const Option& o) {
    CLI::Option* c = o.value.empty() ? app.add_flag(names_of(o)) : app.add_option(names_of(o));
    if (!o.value.empty()) c->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    declared.emplace_back(&o, c);
  });
  std::vector<std::string> after_dashes;
  BOBBIN_TRY_ASSIGN(args, prepared(*command_, typed, after_dashes));
  std::reverse(args.begin(), args.end());  // CLI11 takes them from the back
  try {
    app.parse(args);
  } catch (const CLI::ParseError& e) {
    return usage(e.what());
  }
  for (auto& [option, c] : declared) {
    if (c->count() == 0) continue;
    auto& values = values_[std::string(option->name)];
    if (!option->value.empty()) values = c->results();
  }
  for (const std::string& word : app.remaining()) {
    if (is_option(word)) return unknown_option(*command_, word);
    words_.push_back(word);
  }
  words_.insert(words_.end(), after_dashes.begin(), after_dashes.end());
  return {};
}

Status Arguments::check_values() const {
  Status status;
  for_each_option(*command_, [&](const Option& o) {
    auto given = values_.find(o.name);
    if (given == values_.end() || o.value.find('|') == std::string_view::npos || !status) return;
    for (const std::string& value : given->second) {
      std::vector<std::string_view> allowed = split(o.value, '|');
      bool fits = std::any_of(allowed.begin(), allowed.end(), [&](std::string_view a) {
        size_t equals = a.find('=');
        return equals == std::string_view::npos ? value == a : value.starts_with(a.substr(0, equals + 1));
      });
      if (fits) continue;
      std::string one_of(o.value);
      for (size_t at; (at = one_of.find('|')) != std::string::npos;) one_of.replace(at, 1, ", ");
      status =
          usage("--" + std::string(o.name) + ": '" + value + "' is none of " + one_of + suggestion(value, allowed));
    }
  });
  return status;
}

std::optional<std::string> Arguments::text(std::string_view option) const {
  auto found = values_.find(option);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

const std::vector<std::string>& Arguments::all(std::string_view option) const {
  static const std::vector<std::string> none;
  auto found = values_.find(option);
  return found == values_.end() ? none : found->second;
}

Result<std::optional<int64_t>> Arguments::number(std::string_view option, int64_t min, int64_t max) const {
  auto given = text(option);
  if (!given) return std::optional<int64_t>();
  BOBBIN_TRY_ASSIGN(value, parse_number(*given, min, max, "--" + std::string(option)));
  return std::optional<int64_t>(value);
}

Result<std::optional<int64_t>> Arguments::duration_ms(std::string_view option) const {
  auto given = text(option);
  if (!given) return std::optional<int64_t>();
  auto value = parse_duration_ms(*given);
  if (!value) return std::move(value).error().in("--" + std::string(option));
  return std::optional<int64_t>(*value);
}

Result<std::optional<Timestamp>> Arguments::time(std::string_view option, Timestamp now) const {
  auto given = text(option);
  if (!given) return std::optional<Timestamp>();
  auto value = parse_time(*given, now);
  if (!value) return std::move(value).error().in("--" + std::string(option));
  return std::optional<Timestamp>(*value);
}

std::vector<std::string> Arguments::topics() const {
  std::vector<std::string> names = all("topic");
  names.insert(names.end(), words_.begin(), words_.end());
  return names;
}

Result<std::vector<PartitionId>> Arguments::partitions() const {
  std::vector<PartitionId> numbers;
  for (const std::string& list : all("partition")) {
    std::vector<std::string_view> parts = split(list, ',');
    if (parts.empty()) parts.push_back(list);  // which is no number
    for (std::string_view part : parts) {
      BOBBIN_TRY_ASSIGN(number, parse_number(part, 0, INT32_MAX, "--partition"));
      numbers.emplace_back(static_cast<int32_t>(number));
    }
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

std::optional<std::pair<std::string, std::string>> key_and_value(std::string_view text) {
  size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

namespace {
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

Result<std::string> unescaped(std::string_view text, std::string_view option) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    char next = i + 1 < text.size() ? text[i + 1] : '\0';
    int high = next == 'x' && i + 3 < text.size() ? hex_digit(text[i + 2]) : -1;
    int low = high >= 0 ? hex_digit(text[i + 3]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 3;
      continue;
    }
    size_t known = std::string_view("ntr0\\").find(next);
    if (next == '\0' || known == std::string_view::npos)
      return usage(std::string(option) + ": '" + std::string(text) +
                   "' has a backslash that means nothing; write \\\\ for a backslash");
    out += "\n\t\r\0\\"[known];
    i++;
  }
  return out;
}

}  // namespace bobbin::cmd
