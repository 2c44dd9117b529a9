// The one table of commands and options. The parser, the help, the manual pages and the completions of the shells
// are all made from it, so none of them can know an option that another does not. A command's row stands at the end of
// the file that does its work, with its options, examples and prose:
//
//   extern constinit const Command topic_create{.name = "topic create", ..., .run = run};
//
// and commands.cpp has a line for it. All of it is constant data: nothing is built before main.
#pragma once

#include <functional>
#include <span>
#include <string_view>

namespace bobbin::cmd {

class Arguments;

struct Option {
  std::string_view name;           // long name without dashes; how the program asks for it
  std::string_view shorts = "";    // its letters: "nc" is -n and -c
  std::string_view aliases = "";   // further long names, separated by blanks
  std::string_view value = "";     // empty: a switch. FILE, DIR, TOPIC and "a|b|c" are completed by the shells
  std::string_view doc = "";       // one or more sentences
  bool repeats = false;            // each one counts; else the last one wins
  bool value_is_optional = false;  // a value that follows as a word of its own must hold a colon
};

struct Example {
  std::string_view line;  // runs as it stands
  std::string_view meaning;
};

struct Command {
  std::string_view name;              // "topic create"
  std::string_view arguments = "";    // "NAME..."
  std::string_view summary = "";      // a sentence without full stop
  std::string_view description = "";  // paragraphs, separated by an empty line
  std::span<const Option> options = {};
  std::span<const Example> examples = {};
  bool lists = false;                      // takes --output
  bool hidden = false;                     // not in help, pages and completions
  int (*run)(const Arguments&) = nullptr;  // its body; returns the exit code
};

// In the order in which help shows them.
std::span<const std::reference_wrapper<const Command>> commands();
const Command* find_command(std::string_view name);

// Options of every command, accepted before and after its name.
std::span<const Option> global_options();
// --output, of the commands that list.
const Option& output_option();

// The option of `command` (or the global one) that is written so: "--key", "-k", "--compression-codec".
const Option* find_option(const Command& command, std::string_view written);

struct ExitCode {
  int code;
  std::string_view meaning;
};
std::span<const ExitCode> exit_codes();

}  // namespace bobbin::cmd
