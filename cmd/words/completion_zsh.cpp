#include "cmd/words/completion.h"
#include "cmd/words/completion_parts.h"

namespace bobbin::cmd {
namespace {

std::string zsh_quoted(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\'') out += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\') out.append("\\").append(1, c);
    else out += c;
  }
  return out;
}

std::string zsh_offer(std::string_view value) {
  switch (offer(value)) {
    case Offer::topics:
      return "_bobbin_topics";
    case Offer::brokers:
      return "_bobbin_brokers";
    case Offer::files:
      return "_files";
    case Offer::dirs:
      return "_files -/";
    case Offer::words:
      return "(" + words_of(value) + ")";
    case Offer::nothing:
      break;
  }
  return " ";
}

// What comes before the commands: names of topics and brokers.
constexpr std::string_view zsh_names =
    R"zsh(#compdef bobbin
# zsh completion of bobbin. Printed by 'bobbin completion zsh'; the table of commands is the source.

# What is no name of a topic is not offered.
_bobbin_names() {
  local -a names
  names=(${(f)"$(_call_program $1 bobbin complete $1 2>/dev/null)"})
  names=(${names:#*[^A-Za-z0-9._-]*})
  compadd -a names
}
_bobbin_topics() { _bobbin_names topics }
_bobbin_brokers() { _bobbin_names brokers }

)zsh";

// Up to the end of the command's name, the words of which are put into $command.
std::string zsh_command_line() {
  std::string out = "_bobbin() {\n  local -a first verbs\n  local command=${words[2]}\n  first=(\n";
  for (const std::string& w : first_words()) {
    const Command* c = find_command(w);
    out += "    '" + w + ":" + (c ? zsh_quoted(c->summary) : "Commands about " + w + "s") + "'\n";
  }
  out += "  )\n  if (( CURRENT == 2 )); then\n    _describe command first\n    return\n  fi\n  case $command in\n    ";
  out += joined(groups(), "|") + ")\n      if (( CURRENT == 3 )); then\n        case $command in\n";
  for (const std::string& g : groups()) {
    out += "          " + g + ") verbs=(";
    for (const Command& c : commands())
      if (!c.hidden && c.name.starts_with(g + " "))
        out += "'" + std::string(c.name.substr(g.size() + 1)) + ":" + zsh_quoted(c.summary) + "' ";
    out += ") ;;\n";
  }
  return out + R"zsh(        esac
        _describe command verbs
        return
      fi
      command="$command ${words[3]}"
      shift words
      (( CURRENT-- ))
      ;;
  esac
  shift words
  (( CURRENT-- ))
)zsh";
}

std::string zsh_option(const Option& option) {
  std::string out;
  for (const std::string& w : written(option)) {
    out += " \\\n        '" + std::string(option.repeats ? "*" : "") + w +
           (w.starts_with("--") && !option.value.empty() ? "=" : "") + "[" + zsh_quoted(first_sentence(option.doc)) +
           "]";
    if (!option.value.empty())
      out += std::string(option.value_is_optional ? "::" : ":") +
             zsh_quoted(offer(option.value) == Offer::words ? option.name : option.value) + ":" +
             zsh_offer(option.value);
    out += "'";
  }
  return out;
}

std::string zsh_command(const Command& command) {
  std::string out = "    '" + std::string(command.name) + "')\n      _arguments -s";
  each_option(command, [&](const Option& o) { out += zsh_option(o); });
  std::string words = command.name == "help" ? "(" + joined(first_words(), " ") + ")" : zsh_offer(command.arguments);
  if (words != " ") out += " \\\n        '*:word:" + words + "'";
  return out + "\n      ;;\n";
}

}  // namespace

std::string zsh_completion() {
  std::string out(zsh_names);
  out += zsh_command_line() + "  case $command in\n";
  for (const Command& c : commands())
    if (!c.hidden) out += zsh_command(c);
  return out + "  esac\n}\n\n_bobbin \"$@\"\n";
}

}  // namespace bobbin::cmd
