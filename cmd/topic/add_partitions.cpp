#include "base/units.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/words/shared_options.h"

namespace bobbin::cmd {
namespace {

struct Wanted {
  std::string topic;
  int32_t total = 0;
};

// NAME N as words, or either as an option.
Result<Wanted> read(const Arguments& arguments) {
  std::vector<std::string> given = arguments.topics();
  if (auto n = arguments.text("partitions")) given.push_back(*n);
  if (given.size() != 2) return error(Errc::usage, "give a topic and the new number of its partitions");
  BOBBIN_TRY(check_names({given[0]}));
  BOBBIN_TRY_ASSIGN(total, parse_number(given[1], 1, 10'000, "the number of partitions"));
  return Wanted{given[0], static_cast<int32_t>(total)};
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "topic add-partitions");
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  Status status = client::create_partitions(**session, wanted->topic, wanted->total);
  if (!status) return fail(status.error());
  notice(arguments, "topic " + wanted->topic + " has " + std::to_string(wanted->total) + " partitions now");
  return exit_done;
}

constexpr Option options[] = {
    topic_name,
    {.name = "partitions", .value = "N", .doc = "The new number of partitions, for those who write it as an option."},
};

constexpr Example examples[] = {
    {"bobbin topic add-partitions orders 12", "from now on the topic has twelve partitions"},
};

}  // namespace

extern constinit const Command topic_add_partitions{
    .name = "topic add-partitions",
    .arguments = "[NAME] [N]",
    .summary = "Give a topic more partitions",
    .description =
        "Makes it N partitions in all. There is no way back, and keys may from then on lie in other partitions than "
        "before.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
