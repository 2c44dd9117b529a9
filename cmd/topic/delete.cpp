#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "cmd/words/shared_options.h"

namespace bobbin::cmd {
namespace {

// The names that are there. All are looked up before anything is deleted, so that a slip of the finger in the last
// name does not cost the topics before it.
Result<std::vector<std::string>> existing(client::Session& session, const std::vector<std::string>& names,
                                          bool missing_is_fine) {
  BOBBIN_TRY_ASSIGN(topics, client::describe_topics(session, names));
  std::vector<std::string> found;
  for (const client::TopicView& topic : topics) {
    if (topic.error != Errc::unknown_topic_or_partition) found.push_back(topic.name);
    else if (!missing_is_fine)
      return error(Errc::unknown_topic_or_partition,
                   "there is no topic " + topic.name + "; nothing was deleted (bobbin topic list shows the names)");
  }
  return found;
}

int run(const Arguments& arguments) {
  std::vector<std::string> names = arguments.topics();
  if (Status status = check_names(names); !status) return fail(status.error(), "topic delete");
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  auto found = existing(**session, names, arguments.has("if-exists"));
  if (!found) return fail(found.error());
  if (arguments.has("dry-run")) {
    std::string out;
    for (const std::string& name : *found) out += name + "\n";
    notice(arguments, "would delete " + std::to_string(found->size()) +
                          (found->size() == 1 ? " topic; nothing was done" : " topics; nothing was done"));
    return print(out);
  }
  if (found->empty()) return exit_done;
  auto outcomes = client::delete_topics(**session, *found);
  if (!outcomes) return fail(outcomes.error());
  Report report;
  for (const client::Outcome& outcome : *outcomes) {
    bool is_fine = outcome.status.ok() ||
                   (arguments.has("if-exists") && outcome.status.error().code == Errc::unknown_topic_or_partition);
    if (is_fine) report.done();
    else report.failed(outcome.status.error());
  }
  return report.exit_code();
}

constexpr Option options[] = {
    topic_names,
    {.name = "if-exists", .doc = "A topic that is not there is fine."},
    {.name = "dry-run", .doc = "Only say what would be deleted."},
};

constexpr Example examples[] = {
    {"bobbin topic delete orders --dry-run", "what would go"},
    {"bobbin topic delete orders invoices", "names are never patterns"},
};

}  // namespace

extern constinit const Command topic_delete{
    .name = "topic delete",
    .arguments = "[NAME...]",
    .summary = "Delete topics and their records",
    .description =
        "Deletes the topics of exactly these names. Every name is looked up first; if one does not exist, nothing is "
        "deleted.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
