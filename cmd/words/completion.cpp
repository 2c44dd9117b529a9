#include "cmd/words/completion.h"

#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

std::optional<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash_completion();
  if (shell == "zsh") return zsh_completion();
  if (shell == "fish") return fish_completion();
  return std::nullopt;
}

int completion(const Arguments& arguments) {
  auto script = arguments.words().size() == 1 ? completion_script(arguments.words()[0]) : std::nullopt;
  if (!script) return fail_usage("completion", "name one shell: bash, zsh or fish");
  return print(*script);
}

}  // namespace bobbin::cmd
