#include "cmd/program.h"

#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/words/arguments.h"
#include "cmd/words/help.h"
#include "os/signals.h"
#include "os/stdio.h"

namespace bobbin::cmd {
namespace {

// Nothing was named: the help, on stderr if it was not asked for.
int without_command(const Arguments& arguments) {
  std::string text = arguments.group().empty() ? help_text() : help_text_of_group(arguments.group());
  if (arguments.has("help")) return print(text);
  os::complain(text);
  return exit_usage;
}

// The command that was meant, as far as it is known, for "Try ... -h".
std::string named(const std::vector<std::string>& typed) {
  for (size_t i = 0; i < typed.size(); i++) {
    if (find_command(typed[i])) return typed[i];
    if (i + 1 < typed.size() && find_command(typed[i] + " " + typed[i + 1])) return typed[i] + " " + typed[i + 1];
  }
  return "";
}

}  // namespace

int run(const std::vector<std::string>& typed) {
  os::hold_standard_outputs();
  os::ignore_write_signals();  // a reader that goes, or a limit of file sizes, is told by the write
  auto arguments = Arguments::parse(typed);
  if (!arguments) return fail_usage(named(typed), arguments.error().message);
  if (arguments->has("version")) return print(version_text());
  const Command* command = arguments->command();
  if (!command) return without_command(*arguments);
  if (arguments->has("help")) return print(help_text(*command));
  return command->run(*arguments);
}

}  // namespace bobbin::cmd
