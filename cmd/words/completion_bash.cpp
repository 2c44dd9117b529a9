#include "cmd/words/completion.h"
#include "cmd/words/completion_parts.h"

namespace bobbin::cmd {
namespace {

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

// Before the words of the command line are looked at: what the cases below offer.
constexpr std::string_view bash_offers =
    R"bash(# bash completion of bobbin. Printed by 'bobbin completion bash'; the table of commands is the source.
# shellcheck shell=bash

_bobbin_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }

# The shell quotes the names of files that it puts in.
_bobbin_files() {
  compopt -o filenames 2> /dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

# Names from the files of the cluster that the command line means; no broker is asked. They are compared, never
# expanded, and what is no name of a topic is not offered: it would be put into the command line.
_bobbin_names() {
  local i name dir=() LC_ALL=C
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == --dir ]] && dir=(--dir "${COMP_WORDS[i + 1]}")
  done
  while IFS= read -r name; do
    [[ $name == "$cur"* && $name != *[!A-Za-z0-9._-]* ]] && COMPREPLY+=("$name")
  done < <("${COMP_WORDS[0]}" complete "$1" "${dir[@]}" 2> /dev/null)
}

)bash";

// The loop that finds the command, past global options and their values.
std::string bash_command_line() {
  std::vector<std::string> valued;
  for (const Option& o : global_options())
    if (!o.value.empty())
      for (const std::string& w : written(o)) valued.push_back(w);
  valued.push_back("--output");
  std::string out = R"bash(_bobbin() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} word command='' skip='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      )bash" + joined(valued, " | ");
  out += R"bash() skip=1 ;;
      -*) ;;
      *)
        case $command in
          '') command=$word ;;
          )bash" +
         joined(groups(), " | ");
  return out + R"bash() command+=" $word" ;;
          *) break ;;
        esac
        ;;
    esac
  done
)bash";
}

// No command was named yet, or only the first word of one.
std::string bash_unfinished_command() {
  std::string out = R"bash(    '')
      case $prev in
        --dir) _bobbin_files -d ;;
        *) _bobbin_words ")bash" +
                    joined(first_words(), " ");
  for (const Option& o : global_options()) out += " --" + std::string(o.name);
  out += "\" ;;\n      esac\n      ;;\n";
  for (const std::string& group : groups())
    out += "    " + group + ") _bobbin_words \"" + joined(verbs(group), " ") + "\" ;;\n";
  return out;
}

std::string bash_command(const Command& command) {
  std::string out = "    '" + std::string(command.name) + "')\n      case $prev in\n";
  std::string all;
  each_option(command, [&](const Option& o) {
    all += (all.empty() ? "--" : " --") + std::string(o.name);
    if (!o.value.empty() && !o.value_is_optional)
      out += "        " + joined(written(o), " | ") + ") " + bash_offer(o.value) + " ;;\n";
  });
  std::string words =
      command.name == "help" ? "_bobbin_words \"" + joined(first_words(), " ") + "\"" : bash_offer(command.arguments);
  return out + "        *) if [[ $cur == -* ]]; then _bobbin_words \"" + all + "\"; else " + words +
         "; fi ;;\n      esac\n      ;;\n";
}

}  // namespace

std::string bash_completion() {
  std::string out(bash_offers);
  out += bash_command_line() + "  case $command in\n" + bash_unfinished_command();
  for (const Command& c : commands())
    if (!c.hidden) out += bash_command(c);
  return out + "  esac\n}\n\ncomplete -o bashdefault -F _bobbin bobbin\n";
}

}  // namespace bobbin::cmd
