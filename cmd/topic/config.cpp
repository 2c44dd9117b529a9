#include <set>

#include "client/admin/configs.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/config_listing.h"
#include "cmd/output/output.h"
#include "cmd/topic/setting.h"
#include "cmd/words/shared_options.h"
#include "config/configs.h"

namespace bobbin::cmd {
namespace {

using Operation = client::ConfigChange::Operation;

struct Wanted {
  std::string topic;
  std::vector<client::ConfigChange> changes;
};

Result<Wanted> read(const Arguments& arguments) {
  Wanted wanted;
  std::vector<std::string> names = arguments.all("topic");
  std::vector<std::string> pairs = arguments.all("config");
  for (const std::string& word : arguments.words())
    (word.find('=') == std::string::npos ? names : pairs).push_back(word);
  if (names.size() != 1)
    return error(Errc::usage, names.empty() ? "name a topic" : "name one topic, not " + std::to_string(names.size()));
  BOBBIN_TRY(check_names(names));
  wanted.topic = names[0];
  bool is_local = !arguments.has("bootstrap-server");
  for (const std::string& text : pairs) {
    auto pair = key_and_value(text);
    if (!pair) return error(Errc::usage, "'" + text + "' is no NAME=VALUE");
    BOBBIN_TRY_ASSIGN(value, topic_setting(pair->first, pair->second, is_local));
    wanted.changes.push_back({pair->first, value, Operation::set});
  }
  for (const std::string& name : arguments.all("unset")) {
    if (is_local && !config::find_config(config::ConfigScope::topic, name)) {
      auto unknown = config::checked_config(config::ConfigScope::topic, name, "");
      if (!unknown) return std::move(unknown).error();
    }
    wanted.changes.push_back({name, "", Operation::unset});
  }
  std::set<std::string> seen;
  for (const auto& change : wanted.changes)
    if (!seen.insert(change.name).second) return error(Errc::usage, change.name + " is changed twice");
  return wanted;
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "topic config");
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  if (!wanted->changes.empty()) {
    Status status = client::alter_configs(**session, client::ResourceType::topic, wanted->topic, wanted->changes);
    return status ? exit_done : fail(status.error());
  }
  auto entries = client::describe_configs(**session, client::ResourceType::topic, wanted->topic);
  if (!entries) return fail_list(entries.error(), "", arguments);
  return print(config_listing(*entries), arguments);
}

constexpr Option options[] = {
    topic_name,
    {.name = "config",
     .shorts = "c",
     .aliases = "add-config",
     .value = "NAME=VALUE",
     .doc = "The same as the word NAME=VALUE.",
     .repeats = true},
    {.name = "unset", .aliases = "delete-config", .value = "NAME", .doc = "Back to the default.", .repeats = true},
};

constexpr Example examples[] = {
    {"bobbin topic config orders", "every config that is in effect, and where it comes from"},
    {"bobbin topic config orders retention.ms=1d flush.policy=os", "change two"},
    {"bobbin topic config orders --unset retention.ms", "back to the default"},
};

}  // namespace

extern constinit const Command topic_config{
    .name = "topic config",
    .arguments = "[NAME] [KEY=VALUE...]",
    .summary = "Show or change the configs of a topic",
    .description =
        "Without a change, shows every config that is in effect and its source. Several changes are made together or "
        "not at all. The names are Kafka's; see bobbin.toml(5).",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
