#include <algorithm>
#include <map>

#include "base/ids.h"
#include "client/admin/cluster.h"
#include "client/admin/topics.h"
#include "cmd/broker/process.h"
#include "cmd/cluster.h"
#include "cmd/cluster/move_plan.h"
#include "cmd/cluster/moving.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "home/broker_folders.h"
#include "local/starter.h"
#include "local/starter_lock.h"
#include "os/posix/storage.h"
#include "os/signals.h"

namespace bobbin::cmd {
namespace {

constexpr int64_t ending_ms = 30'000;
// New topics may be placed on it while others are moved away.
constexpr int rounds_max = 10;

struct Wanted {
  home::ClusterDir cluster;
  BrokerId id;
  int64_t timeout_ms = ending_ms;
};

Result<Wanted> read(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  BOBBIN_TRY_ASSIGN(patience, arguments.duration_ms("timeout"));
  if (ids.size() != 1) return error(Errc::usage, "which broker is to be removed? Give one id");
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(cluster));
  BOBBIN_TRY(check_known(ids, brokers));
  BOBBIN_TRY(check_seen(ids, brokers));
  return Wanted{cluster, ids[0], patience.value_or(ending_ms)};
}

// Whether it is the only one that can give the others what it has.
bool is_alone(const client::PartitionView& p, BrokerId id) {
  return std::none_of(p.isr.begin(), p.isr.end(),
                      [&](BrokerId other) { return other != id && !holds(p.offline, other); });
}

// The partitions that it has a copy of, and who is to have that instead.
Result<std::vector<PlannedMove>> plan(client::Session& session, const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(cluster, client::describe_cluster(session));
  const bool runs = std::erase_if(cluster.nodes, [&](const client::Node& node) { return node.id == wanted.id; }) > 0;
  if (cluster.nodes.empty()) return error(Errc::invalid_request, "no other broker runs that could take what it has");
  Spread how{.brokers = {}, .replicas = std::nullopt};
  for (const client::Node& node : cluster.nodes) how.brokers.push_back(node.id);
  BOBBIN_TRY_ASSIGN(under_way, client::moves_under_way(session));  // first: see count_as_moved
  BOBBIN_TRY_ASSIGN(topics, client::list_topics(session));
  std::vector<PlannedMove> all = partitions_of(topics, {});
  std::erase_if(all, [&](const PlannedMove& move) { return !holds(move.now, wanted.id); });
  count_as_moved(all, under_way);
  std::vector<PlannedMove> moves;  // those that go on beside those that begin
  std::map<size_t, std::vector<PlannedMove>> by_count;
  for (PlannedMove& move : all) {
    if (!holds(move.now, wanted.id)) {
      moves.push_back(std::move(move));
      continue;
    }
    const auto& view = *std::find_if(topics.begin(), topics.end(), [&](const auto& t) { return t.name == move.topic; });
    if (!runs && is_alone(view.partitions[static_cast<size_t>(move.partition.value)], wanted.id))
      return error(Errc::invalid_request,
                   "broker " + to_string(wanted.id) + " does not run, and nobody else has all of " + move.topic + "-" +
                       to_string(move.partition) + ": start it first; if its disk is lost, bobbin broker add " +
                       to_string(wanted.id) + " --data DIR --replace begins anew, or delete the topic");
    const size_t count = move.now.size();
    std::erase(move.now, wanted.id);
    move.wanted = move.now;
    by_count[count].push_back(std::move(move));
  }
  const auto copies = copies_by_broker(topics);
  for (auto& [count, of] : by_count) {
    how.replicas = count;
    auto spread_out = spread(std::move(of), copies, how);
    if (!spread_out) return std::move(spread_out).error().in("without broker " + to_string(wanted.id));
    moves.insert(moves.end(), spread_out->begin(), spread_out->end());
  }
  return moves;
}

Error is_busy(const Wanted& wanted) {
  return error(Errc::busy, "new topics are placed on broker " + to_string(wanted.id) + " again and again; try later");
}

// Exit code: whether it has no copies any more.
Result<int> move_away(client::Session& session, const Arguments& arguments, const Wanted& wanted) {
  for (int round = 0; round < rounds_max; round++) {
    BOBBIN_TRY_ASSIGN(moves, plan(session, wanted));
    if (moves.empty()) return exit_done;
    notice(arguments,
           "moving " + std::to_string(moves.size()) + " partition(s) away from broker " + to_string(wanted.id));
    Report report;
    BOBBIN_TRY_ASSIGN(begun, begin_moves(session, moves, report));
    if (!begun.empty()) {
      BOBBIN_TRY_ASSIGN(ended, await_done(session, arguments, begun, report));
      if (ended.signal) os::die_of_signal(*ended.signal);
    }
    if (report.exit_code() != exit_done) return report.exit_code();
  }
  return is_busy(wanted);
}

Status stop(const Wanted& wanted) {
  BOBBIN_TRY(record_order(wanted.cluster, {wanted.id}, wanted.timeout_ms));
  auto killed = end_processes(wanted.cluster, {wanted.id}, wanted.timeout_ms);
  return killed ? Status() : Status(std::move(killed).error());
}

// It is dead. What the cluster knows of it goes, and then its traces; under the starters' lock, so that nobody starts it meanwhile.
// False: it runs again, or has got a copy of something since it was stopped.
Result<bool> forget(client::Session& session, const Arguments& arguments, const Wanted& wanted) {
  os::PosixStorage storage;
  BOBBIN_TRY_ASSIGN(lock, local::take_starter_lock(storage, wanted.cluster, wanted.timeout_ms));
  if (home::is_alive(storage, wanted.cluster, wanted.id)) return false;
  Status forgotten = client::unregister_broker(session, wanted.id);
  if (!forgotten && forgotten.error().code == Errc::invalid_request) return false;
  // One that was added and never ran is not known.
  if (!forgotten && forgotten.error().code != Errc::broker_id_not_registered) return std::move(forgotten).error();
  BOBBIN_TRY_ASSIGN(kept, home::remove_traces(storage, wanted.cluster, wanted.id));
  (void)lock;
  notice(arguments, "removed broker " + to_string(wanted.id));
  if (kept) notice(arguments, "its folder has partitions that were put aside, and is kept: " + *kept);
  return true;
}

Status start_again(const Arguments& arguments, const Wanted& wanted) {
  notice(arguments, "new topics have copies on broker " + to_string(wanted.id) + ": it is started again");
  local::StartOptions options;
  options.by_person = true;
  BOBBIN_TRY_ASSIGN(started, local::start(wanted.cluster.root, {wanted.id}, options));
  return started.front().status;
}

Result<int> remove(const Arguments& arguments, const Wanted& wanted) {
  for (int round = 0; round < rounds_max; round++) {
    BOBBIN_TRY_ASSIGN(session, connect(arguments));
    BOBBIN_TRY_ASSIGN(moved, move_away(*session, arguments, wanted));
    if (moved != exit_done) return moved;
    BOBBIN_TRY(stop(wanted));
    BOBBIN_TRY_ASSIGN(of_others, connect(arguments));  // the other one may have been its
    BOBBIN_TRY_ASSIGN(is_gone, forget(*of_others, arguments, wanted));
    if (is_gone) return exit_done;
    BOBBIN_TRY(start_again(arguments, wanted));
  }
  return is_busy(wanted);
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "broker remove");
  auto code = remove(arguments, *wanted);
  return code ? *code : fail(code.error());
}

constexpr Example examples[] = {
    {"bobbin broker remove 3", "its copies are made on the others first; then it is gone"},
};

}  // namespace

extern constinit const Command broker_remove{
    .name = "broker remove",
    .arguments = "ID",
    .summary = "Remove a broker; what it has moves away first",
    .description =
        "Partitions that the broker has a copy of get one on another broker instead, the one that has fewest. When all "
        "of these are in sync the broker is stopped, the cluster forgets it, and its folder is removed. While that "
        "goes "
        "on records are written and read as ever. Interrupted, it can be given again.\n\n"
        "A topic keeps as many copies as it has: there must be so many other brokers that run. If not, nothing is "
        "done; "
        "bobbin cluster reassign -r makes it fewer.\n\n"
        "A broker whose disk is lost can be removed as well, if others have everything that it had. Partitions that "
        "were "
        "put aside in its folder (-stray, -damaged) are kept, and it is said where.",
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
