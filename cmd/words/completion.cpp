#include "cmd/words/completion.h"

#include <functional>
#include <vector>

#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/words/arguments.h"
#include "cmd/words/commands.h"

namespace bobbin::cmd {
namespace {

// What the shell offers for a value or a word.
enum class Offer { nothing, topics, brokers, files, dirs, words };

Offer offer(std::string_view value) {
  if (value.find('|') != std::string_view::npos) return Offer::words;
  if (value == "TOPIC" || value.starts_with("[TOPIC") || value.starts_with("[NAME")) return Offer::topics;
  if (value.starts_with("[ID")) return Offer::brokers;
  if (value == "FILE") return Offer::files;
  if (value == "DIR") return Offer::dirs;
  return Offer::nothing;
}

std::string words_of(std::string_view value, std::string_view between = " ") {
  std::string out;
  for (char c : value) {
    if (c == '|') out += between;
    else out += c;
  }
  if (size_t file = out.find("=FILE"); file != std::string::npos) out.erase(file + 1, 4);
  return out;
}

// The options of `command`, then --output, then the global ones.
void each_option(const Command& command, const std::function<void(const Option&)>& use) {
  for (const Option& o : command.options) use(o);
  if (command.lists) use(output_option());
  for (const Option& o : global_options()) use(o);
}

std::vector<std::string> written(const Option& option) {
  std::vector<std::string> all;
  for (char c : option.shorts) all.push_back(std::string("-") + c);
  all.push_back("--" + std::string(option.name));
  std::string_view rest = option.aliases;
  while (!rest.empty()) {
    size_t blank = std::min(rest.find(' '), rest.size());
    all.push_back("--" + std::string(rest.substr(0, blank)));
    rest.remove_prefix(std::min(blank + 1, rest.size()));
  }
  return all;
}

std::string joined(const std::vector<std::string>& all, std::string_view between) {
  std::string out;
  for (const std::string& one : all) out.append(out.empty() ? "" : between).append(one);
  return out;
}

std::string first_sentence(std::string_view doc) {
  size_t end = doc.find(". ");
  std::string out(doc.substr(0, end == std::string_view::npos ? doc.size() : end));
  if (out.ends_with('.')) out.pop_back();
  if (size_t colon = out.find(": "); colon != std::string::npos && out.size() > 60) out.resize(colon);
  return out;
}

// Names that may come first, and the verbs of each group.
std::vector<std::string> first_words() {
  std::vector<std::string> out;
  for (const Command& c : commands()) {
    std::string word(c.name.substr(0, c.name.find(' ')));
    if (!c.hidden && (out.empty() || std::find(out.begin(), out.end(), word) == out.end())) out.push_back(word);
  }
  return out;
}

std::vector<std::string> verbs(const std::string& group) {
  std::vector<std::string> out;
  for (const Command& c : commands())
    if (!c.hidden && c.name.starts_with(group + " ")) out.push_back(std::string(c.name.substr(group.size() + 1)));
  return out;
}

std::string bash_offer(std::string_view value) {
  switch (offer(value)) {
    case Offer::topics:
      return "_bobbin_names topics";
    case Offer::brokers:
      return "_bobbin_names brokers";
    case Offer::files:
      return "_bobbin_files -f";
    case Offer::dirs:
      return "_bobbin_files -d";
    case Offer::words:
      return "_bobbin_words \"" + words_of(value) + "\"";
    case Offer::nothing:
      break;
  }
  return ":";
}

std::string bash() {
  std::string out =
      "# bash completion of bobbin. Printed by 'bobbin completion bash'; the table of commands is the source.\n"
      "# shellcheck shell=bash\n\n"
      "_bobbin_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\"); }\n\n"
      "# The shell quotes the names of files that it puts in.\n"
      "_bobbin_files() {\n"
      "  compopt -o filenames 2> /dev/null\n"
      "  mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
      "}\n\n"
      "# Names from the files of the cluster that the command line means; no broker is asked. They are compared, "
      "never\n"
      "# expanded, and what is no name of a topic is not offered: it would be put into the command line.\n"
      "_bobbin_names() {\n"
      "  local i name dir=() LC_ALL=C\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    [[ ${COMP_WORDS[i]} == --dir ]] && dir=(--dir \"${COMP_WORDS[i + 1]}\")\n"
      "  done\n"
      "  while IFS= read -r name; do\n"
      "    [[ $name == \"$cur\"* && $name != *[!A-Za-z0-9._-]* ]] && COMPREPLY+=(\"$name\")\n"
      "  done < <(\"${COMP_WORDS[0]}\" complete \"$1\" \"${dir[@]}\" 2> /dev/null)\n"
      "}\n\n"
      "_bobbin() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} word command='' skip='' i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    word=${COMP_WORDS[i]}\n"
      "    if [[ -n $skip ]]; then skip=''; continue; fi\n"
      "    case $word in\n      ";
  std::vector<std::string> valued;
  for (const Option& o : global_options())
    if (!o.value.empty())
      for (const std::string& w : written(o)) valued.push_back(w);
  valued.push_back("--output");
  out += joined(valued, " | ") +
         ") skip=1 ;;\n      -*) ;;\n      *)\n        case $command in\n          '') command=$word ;;\n          ";
  std::vector<std::string> groups;
  for (const std::string& w : first_words())
    if (!verbs(w).empty()) groups.push_back(w);
  out += joined(groups, " | ") +
         ") command+=\" $word\" ;;\n          *) break ;;\n        esac\n        ;;\n    esac\n  done\n  case $command "
         "in\n    '')\n"
         "      case $prev in\n        --dir) _bobbin_files -d ;;\n        *) _bobbin_words \"" +
         joined(first_words(), " ");
  for (const Option& o : global_options()) out += " --" + std::string(o.name);
  out += "\" ;;\n      esac\n      ;;\n";
  for (const std::string& group : groups)
    out += "    " + group + ") _bobbin_words \"" + joined(verbs(group), " ") + "\" ;;\n";
  for (const Command& c : commands()) {
    if (c.hidden) continue;
    out += "    '" + std::string(c.name) + "')\n      case $prev in\n";
    std::string all;
    each_option(c, [&](const Option& o) {
      all += (all.empty() ? "--" : " --") + std::string(o.name);
      if (!o.value.empty() && !o.value_is_optional)
        out += "        " + joined(written(o), " | ") + ") " + bash_offer(o.value) + " ;;\n";
    });
    std::string words =
        c.name == "help" ? "_bobbin_words \"" + joined(first_words(), " ") + "\"" : bash_offer(c.arguments);
    out += "        *) if [[ $cur == -* ]]; then _bobbin_words \"" + all + "\"; else " + words +
           "; fi ;;\n      esac\n      ;;\n";
  }
  return out + "  esac\n}\n\ncomplete -o bashdefault -F _bobbin bobbin\n";
}

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

std::string zsh() {
  std::string out =
      "#compdef bobbin\n"
      "# zsh completion of bobbin. Printed by 'bobbin completion zsh'; the table of commands is the source.\n\n"
      "# What is no name of a topic is not offered.\n"
      "_bobbin_names() {\n"
      "  local -a names\n"
      "  names=(${(f)\"$(_call_program $1 bobbin complete $1 2>/dev/null)\"})\n"
      "  names=(${names:#*[^A-Za-z0-9._-]*})\n"
      "  compadd -a names\n"
      "}\n"
      "_bobbin_topics() { _bobbin_names topics }\n"
      "_bobbin_brokers() { _bobbin_names brokers }\n\n"
      "_bobbin() {\n  local -a first verbs\n  local command=${words[2]}\n  first=(\n";
  for (const std::string& w : first_words()) {
    const Command* c = find_command(w);
    out += "    '" + w + ":" + (c ? zsh_quoted(c->summary) : "Commands about " + w + "s") + "'\n";
  }
  out += "  )\n  if (( CURRENT == 2 )); then\n    _describe command first\n    return\n  fi\n  case $command in\n    ";
  std::vector<std::string> groups;
  for (const std::string& w : first_words())
    if (!verbs(w).empty()) groups.push_back(w);
  out += joined(groups, "|") + ")\n      if (( CURRENT == 3 )); then\n        case $command in\n";
  for (const std::string& g : groups) {
    out += "          " + g + ") verbs=(";
    for (const Command& c : commands())
      if (!c.hidden && c.name.starts_with(g + " "))
        out += "'" + std::string(c.name.substr(g.size() + 1)) + ":" + zsh_quoted(c.summary) + "' ";
    out += ") ;;\n";
  }
  out +=
      "        esac\n        _describe command verbs\n        return\n      fi\n      command=\"$command "
      "${words[3]}\"\n      shift words\n      (( CURRENT-- ))\n      ;;\n  esac\n"
      "  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (const Command& c : commands()) {
    if (c.hidden) continue;
    out += "    '" + std::string(c.name) + "')\n      _arguments -s";
    each_option(c, [&](const Option& o) {
      for (const std::string& w : written(o)) {
        out += " \\\n        '" + std::string(o.repeats ? "*" : "") + w +
               (w.starts_with("--") && !o.value.empty() ? "=" : "") + "[" + zsh_quoted(first_sentence(o.doc)) + "]";
        if (!o.value.empty())
          out += std::string(o.value_is_optional ? "::" : ":") +
                 zsh_quoted(offer(o.value) == Offer::words ? o.name : o.value) + ":" + zsh_offer(o.value);
        out += "'";
      }
    });
    std::string words = c.name == "help" ? "(" + joined(first_words(), " ") + ")" : zsh_offer(c.arguments);
    if (words != " ") out += " \\\n        '*:word:" + words + "'";
    out += "\n      ;;\n";
  }
  return out + "  esac\n}\n\n_bobbin \"$@\"\n";
}

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_offer(std::string_view value) {
  switch (offer(value)) {
    case Offer::topics:
      return " -f -a '(__bobbin_names topics)'";
    case Offer::brokers:
      return " -f -a '(__bobbin_names brokers)'";
    case Offer::files:
      return " -F";
    case Offer::dirs:
      return " -f -a '(__fish_complete_directories)'";
    case Offer::words:
      return " -f -a '" + words_of(value) + "'";
    case Offer::nothing:
      break;
  }
  return " -f";
}

std::string fish_option(const Option& option) {
  std::string out;
  for (const std::string& w : written(option)) out += w.starts_with("--") ? " -l " + w.substr(2) : " -s " + w.substr(1);
  if (!option.value.empty() && !option.value_is_optional) out += " -r" + fish_offer(option.value);
  return out + " -d " + fish_quoted(first_sentence(option.doc)) + "\n";
}

std::string fish() {
  std::string out =
      "# fish completion of bobbin. Printed by 'bobbin completion fish'; the table of commands is the source.\n\n"
      "# What is no name of a topic is not offered.\n"
      "function __bobbin_names\n    bobbin complete $argv 2>/dev/null | string match -r -- '^[A-Za-z0-9._-]+$'\nend\n\n"
      "# Whether the words after 'bobbin' begin with these.\n"
      "function __bobbin_is\n    set -l words (commandline -opc)\n    set -e words[1]\n"
      "    set words (string match -v -- '-*' $words)\n    test \"$words[1..\"(count $argv)\"]\" = \"$argv\"\nend\n\n"
      "function __bobbin_is_first\n    set -l words (commandline -opc)\n    set -e words[1]\n"
      "    test (count (string match -v -- '-*' $words)) -eq $argv[1]\nend\n\ncomplete -c bobbin -f\n";
  for (const std::string& w : first_words()) {
    const Command* c = find_command(w);
    out += "complete -c bobbin -n '__bobbin_is_first 0' -a " + w + " -d " +
           fish_quoted(c ? c->summary : "Commands about " + w + "s") + "\n";
  }
  for (const Command& c : commands()) {
    if (c.hidden) continue;
    size_t blank = c.name.find(' ');
    if (blank != std::string_view::npos)
      out += "complete -c bobbin -n '__bobbin_is_first 1; and __bobbin_is " + std::string(c.name.substr(0, blank)) +
             "' -a " + std::string(c.name.substr(blank + 1)) + " -d " + fish_quoted(c.summary) + "\n";
  }
  for (const Command& c : commands()) {
    if (c.hidden) continue;
    std::string when = "complete -c bobbin -n '__bobbin_is " + std::string(c.name) + "'";
    std::string words = c.name == "help" ? " -f -a '" + joined(first_words(), " ") + "'" : fish_offer(c.arguments);
    if (words != " -f") out += when + words + "\n";
    for (const Option& o : c.options) out += when + fish_option(o);
    if (c.lists) out += when + fish_option(output_option());
  }
  for (const Option& o : global_options()) out += "complete -c bobbin" + fish_option(o);
  return out;
}

}  // namespace

std::optional<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  return std::nullopt;
}

int completion(const Arguments& arguments) {
  auto script = arguments.words().size() == 1 ? completion_script(arguments.words()[0]) : std::nullopt;
  if (!script) return fail_usage("completion", "name one shell: bash, zsh or fish");
  return print(*script);
}

}  // namespace bobbin::cmd
