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

namespace {

int run(const Arguments& arguments) {
  auto script = arguments.words().size() == 1 ? completion_script(arguments.words()[0]) : std::nullopt;
  if (!script) return fail_usage("completion", "name one shell: bash, zsh or fish");
  return print(*script);
}

constexpr Example examples[] = {
    {"source <(bobbin completion bash)", "in this bash; in ~/.bashrc for all"},
    {"bobbin completion fish | source", "in this fish"},
};

}  // namespace

extern constinit const Command completion{
    .name = "completion",
    .arguments = "bash|zsh|fish",
    .summary = "Print the completion script of a shell",
    .description =
        "Commands, options, their values and the names of topics are completed. Topic names are read from the files of "
        "the cluster; no broker is asked or started.",
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
