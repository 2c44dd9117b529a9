#include <algorithm>

#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/group/group_view.h"
#include "cmd/group/names.h"
#include "cmd/output/output.h"
#include "cmd/waiting.h"

namespace bobbin::cmd {
namespace {

constexpr int64_t look_again_ms = 100;

struct Wanted {
  std::string group;
  bool empty = false;
  std::optional<int64_t> timeout_ms;  // none: as long as it takes
};

Result<Wanted> read(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(group, one_group(arguments));
  BOBBIN_TRY_ASSIGN(timeout_ms, arguments.duration_ms("timeout"));
  return Wanted{group, arguments.has("empty"), timeout_ms};
}

// What is still to happen, in words; empty: nothing.
std::string awaited_of_empty(const client::GroupDescription& group) {
  if (group.members.empty()) return "";
  return "group " + group.name + " has members: " + members_text(group.members);
}

Result<std::string> awaited_of_lag(client::Session& session, client::GroupDescription group) {
  const std::string name = "group " + group.name;
  // Whose members are just being given partitions may still have to begin.
  if (!group.members.empty() && group.state != "Stable") return name + " shares its work out anew";
  BOBBIN_TRY_ASSIGN(view, view_of(session, std::move(group)));
  int64_t records = 0, partitions = 0;
  for (const client::PartitionLag& p : view.partitions) {
    BOBBIN_TRY(p.status);
    records += p.records.value_or(0);
    partitions += p.records.value_or(0) > 0;
  }
  if (records == 0) return std::string();
  return name + " has " + records_text(records) + " in " + std::to_string(partitions) +
         (partitions == 1 ? " partition" : " partitions");
}

// A broker that goes is waited for; what it was that coordinates the group, or leads a partition, moves.
bool passes(const Error& why) { return why.code == Errc::no_answer || why.code == Errc::disconnected; }

class GroupWait {
 public:
  GroupWait(client::Session& session, const Arguments& arguments, const Wanted& wanted)
      : session_(session), waiting_(arguments), wanted_(wanted) {}

  Result<int> run() {
    const int64_t begun = mono_ms();
    for (;;) {
      auto awaited = look();
      if (!awaited && !passes(awaited.error())) return awaited.error();
      if (awaited && awaited->empty()) return exit_done;
      const std::string what = awaited ? *awaited : awaited.error().message;
      if (wanted_.timeout_ms && mono_ms() - begun >= *wanted_.timeout_ms)
        return error(Errc::invalid_request, "the time is over: " + what);
      waiting_.on((wanted_.empty ? "its end: " : "it to be done: ") + what);
      BOBBIN_TRY(rest(begun));
    }
  }

 private:
  // One that was there once and is gone has nobody in it, and nothing to do.
  Result<std::string> look() {
    BOBBIN_TRY_ASSIGN(described, client::describe_groups(session_, {wanted_.group}));
    client::GroupDescription& group = described[0];
    if (!group.status && group.status.error().code == Errc::group_id_not_found && was_there_) return std::string();
    if (!group.status) return group.status.error();
    was_there_ = true;
    return wanted_.empty ? Result<std::string>(awaited_of_empty(group)) : awaited_of_lag(session_, std::move(group));
  }

  Status rest(int64_t begun) {
    int64_t until = mono_ms() + look_again_ms;
    if (wanted_.timeout_ms) until = std::min(until, begun + *wanted_.timeout_ms);
    for (int64_t left; (left = until - mono_ms()) > 0;) BOBBIN_TRY(session_.wait({}, left));
    return {};
  }

  client::Session& session_;
  Waiting waiting_;
  const Wanted& wanted_;
  bool was_there_ = false;
};

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "group wait");
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  auto code = GroupWait(**session, arguments, *wanted).run();
  return code ? *code : fail(code.error());
}

constexpr Option options[] = {
    group_name,
    {.name = "empty", .doc = "Wait until the group has no members instead."},
};

constexpr Example examples[] = {
    {"bobbin group wait workers", "until everything is done"},
    {"bobbin group wait workers --timeout 5m || bobbin group describe workers", "what is left after five minutes"},
    {"bobbin group wait workers --empty && bobbin group reset workers --to-earliest --all-topics --execute",
     "as soon as nobody is in it"},
};

}  // namespace

extern constinit const Command group_wait{
    .name = "group wait",
    .arguments = "GROUP",
    .summary = "Wait until a group has read everything, or has no members",
    .description =
        "Waits until the group has no unread record in any partition that it has a position in, or that its members "
        "read; with --empty, until nobody is in it. Positions count as they are committed. A partition without a "
        "position counts with all its records.\n\n"
        "The exit code is 0 then. With --timeout it is 1 when the time is over, and stderr says what was left; "
        "without, it waits as long as it takes. A group that is not there is an error; one that goes while it is "
        "waited for is done.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
