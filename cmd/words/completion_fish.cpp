#include "cmd/words/completion.h"
#include "cmd/words/completion_parts.h"

namespace bobbin::cmd {
namespace {

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

// What comes before the commands: names, and where in the command line somebody is.
constexpr std::string_view fish_names =
    R"fish(# fish completion of bobbin. Printed by 'bobbin completion fish'; the table of commands is the source.

# What is no name of a topic is not offered.
function __bobbin_names
    bobbin complete $argv 2>/dev/null | string match -r -- '^[A-Za-z0-9._-]+$'
end

# Whether the words after 'bobbin' begin with these.
function __bobbin_is
    set -l words (commandline -opc)
    set -e words[1]
    set words (string match -v -- '-*' $words)
    test "$words[1.."(count $argv)"]" = "$argv"
end

function __bobbin_is_first
    set -l words (commandline -opc)
    set -e words[1]
    test (count (string match -v -- '-*' $words)) -eq $argv[1]
end

complete -c bobbin -f
)fish";

}  // namespace

std::string fish_completion() {
  std::string out(fish_names);
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

}  // namespace bobbin::cmd
