#include "cmd/words/commands.h"

#include <algorithm>

#include "base/text.h"

namespace bobbin::cmd {

// A line for each command, in the order in which help shows them. What a command is stands at the end of the file that
// does its work.
// clang-format off
#define BOBBIN_COMMANDS \
  produce,              \
  consume,              \
  topic_create,         \
  topic_list,           \
  topic_describe,       \
  topic_config,         \
  topic_add_partitions, \
  topic_offsets,        \
  topic_trim,           \
  topic_delete,         \
  topic_recover,        \
  group_list,           \
  group_describe,       \
  group_reset,          \
  group_export,         \
  group_wait,           \
  group_delete,         \
  group_delete_offsets, \
  group_redrive,        \
  broker_start,         \
  broker_add,           \
  broker_remove,        \
  broker_stop,          \
  broker_status,        \
  broker_kill,          \
  broker_pause,         \
  broker_resume,        \
  broker_logs,          \
  broker_config,        \
  cluster_elect,        \
  cluster_reassign,     \
  completion,           \
  help,                 \
  broker_run,           \
  complete
// clang-format on

extern const Command BOBBIN_COMMANDS;

namespace {

constexpr std::reference_wrapper<const Command> list[] = {BOBBIN_COMMANDS};

constexpr Option globals[] = {
    {.name = "bootstrap-server",
     .shorts = "b",
     .aliases = "bootstrap-servers brokers broker-list",
     .value = "HOST:PORT",
     .doc = "Act on the cluster behind this address over TCP (one or more, separated by commas): a listener of ours or "
            "a real Apache Kafka. Without it, the local cluster of --dir is meant."},
    {.name = "dir",
     .value = "DIR",
     .doc = "The directory of the local cluster. Default: $BOBBIN_DIR, else $XDG_DATA_HOME/bobbin, else "
            "~/.local/share/bobbin."},
    {.name = "timeout",
     .value = "DURATION",
     .doc = "How long to wait for a broker, a leader or an answer without any progress, as 500ms, 10s or 2m; then the "
            "exit code is 3. Default: 10s; 120s for a produce, or a consume without an end, that was "
            "connected once."},
    {.name = "no-start",
     .doc = "Never start a broker, also when none runs. BOBBIN_AUTOSTART=never in the environment does the same."},
    {.name = "quiet", .shorts = "q", .doc = "No notices and no progress on stderr; errors stay."},
    {.name = "help", .shorts = "h", .doc = "Show the help of the command."},
    {.name = "version", .doc = "Show the version."},
};

constexpr Option output{
    .name = "output",
    .value = "text|json|tsv",
    .doc =
        "Form of the list: aligned text (the default), one JSON array, which is empty where the cluster says no, or "
        "tab-separated lines without a heading."};

constexpr ExitCode codes[] = {
    {0, "Done. For produce: every record was acknowledged."},
    {1,
     "This cluster says no (it exists, it is unknown, too many replicas), or a part was done. For broker status: not "
     "all run."},
    {2, "No cluster could accept the text: an option, a number, a name, an unknown config, a value out of range."},
    {3, "Nobody answered in time, and nothing was acknowledged."},
    {4, "Damaged data."},
};

bool is_written(const Option& option, std::string_view written) {
  if (written.starts_with("--")) {
    written.remove_prefix(2);
    auto aliases = split(option.aliases, ' ');
    return written == option.name || std::find(aliases.begin(), aliases.end(), written) != aliases.end();
  }
  return written.size() == 2 && written[0] == '-' && option.shorts.find(written[1]) != std::string_view::npos;
}

}  // namespace

std::span<const std::reference_wrapper<const Command>> commands() { return list; }
std::span<const Option> global_options() { return globals; }
const Option& output_option() { return output; }
std::span<const ExitCode> exit_codes() { return codes; }

const Command* find_command(std::string_view name) {
  for (const Command& command : list)
    if (command.name == name) return &command;
  return nullptr;
}

const Option* find_option(const Command& command, std::string_view written) {
  for (const Option& option : command.options)
    if (is_written(option, written)) return &option;
  if (command.lists && is_written(output, written)) return &output;
  for (const Option& option : globals)
    if (is_written(option, written)) return &option;
  return nullptr;
}

}  // namespace bobbin::cmd
