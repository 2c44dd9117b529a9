#include <algorithm>
#include <map>
#include <set>

#include "base/ids.h"
#include "base/text.h"
#include "base/units.h"
#include "client/admin/cluster.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/cluster/move_plan.h"
#include "cmd/cluster/moving.h"
#include "cmd/cluster/reassignment_json.h"
#include "cmd/cluster/throttling.h"
#include "cmd/input/whole_file.h"
#include "cmd/named_topics.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "cmd/words/shared_options.h"
#include "os/signals.h"

namespace bobbin::cmd {
namespace {

struct Wanted {
  NamedPartitions named;
  std::vector<BrokerId> brokers = {};                     // to spread over
  std::vector<BrokerId> replicas = {};                    // of each of the partitions
  std::optional<size_t> count = {};                       // of replicas
  std::optional<std::vector<client::Reassignment>> file;  // what it says
  std::optional<Throttling> throttling = {};
};

Result<std::vector<BrokerId>> ids_in(const Arguments& arguments, std::string_view option) {
  std::vector<BrokerId> ids;
  for (const std::string& text : arguments.all(option))
    for (std::string_view part : split(text, ',')) {
      BOBBIN_TRY_ASSIGN(id, parse_number(part, 0, INT32_MAX, "--" + std::string(option)));
      const BrokerId one(static_cast<int32_t>(id));
      if (holds(ids, one)) return usage("--" + std::string(option) + ": broker " + to_string(one) + " is named twice");
      ids.push_back(one);
    }
  return ids;
}

Status read_file(const Arguments& arguments, Wanted& wanted) {
  const auto path = arguments.text("from-file");
  if (!path) return {};
  if (!wanted.named.topics.empty()) return usage("--from-file names the topics; give no others");
  BOBBIN_TRY_ASSIGN(text, whole_file(*path, "--from-file"));
  auto parsed = parse_reassignments(text);
  if (!parsed) return usage("--from-file: " + parsed.error().message);
  wanted.file = std::move(*parsed);
  return {};
}

// What is being moved is throttled, or not any more, and nothing else is done.
bool only_throttles(const Wanted& wanted) {
  return wanted.throttling && wanted.named.topics.empty() && !wanted.file && wanted.brokers.empty() &&
         wanted.replicas.empty() && !wanted.count;
}

// Which of the ways to say what shall be is taken.
Status check_way(const Arguments& arguments, const Wanted& wanted) {
  const bool spreads = !wanted.brokers.empty() || wanted.count;
  const int ways = (wanted.file ? 1 : 0) + (wanted.replicas.empty() ? 0 : 1) + (spreads ? 1 : 0);
  if (arguments.has("list") && (arguments.has("cancel") || ways > 0 || wanted.throttling))
    return usage("--list lists, and nothing else");
  if (arguments.has("list")) return {};
  if (arguments.has("cancel"))
    return spreads || !wanted.replicas.empty() || wanted.throttling
               ? usage("--cancel: a move is taken back to where it began")
               : Status();
  if (only_throttles(wanted)) return {};
  if (ways > 1) return usage("say it in one way: --replicas, --from-file, or --to and --replication-factor");
  if (ways == 0) return usage("say where to: --to, --replicas, --replication-factor or --from-file");
  if (!wanted.file && wanted.named.topics.empty()) return usage("name the topics");
  if (!wanted.replicas.empty() && (wanted.named.topics.size() != 1 || wanted.named.partitions.empty()))
    return usage("--replicas is for partitions of one topic: name it, and --partition");
  return {};
}

Result<Wanted> read(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(named, named_partitions(arguments));
  Wanted wanted{.named = std::move(named), .file = {}};
  BOBBIN_TRY_ASSIGN(brokers, ids_in(arguments, "to"));
  wanted.brokers = std::move(brokers);
  BOBBIN_TRY_ASSIGN(replicas, ids_in(arguments, "replicas"));
  wanted.replicas = std::move(replicas);
  BOBBIN_TRY_ASSIGN(count, arguments.number("replication-factor", 1, INT16_MAX));
  if (count) wanted.count = static_cast<size_t>(*count);
  BOBBIN_TRY_ASSIGN(throttled, throttling(arguments));
  wanted.throttling = throttled;
  BOBBIN_TRY(read_file(arguments, wanted));
  BOBBIN_TRY(check_way(arguments, wanted));
  return wanted;
}

// --- what is to be done

std::vector<std::string> topics_of(const Wanted& wanted) {
  if (!wanted.file) return wanted.named.topics;
  std::set<std::string> names;
  for (const auto& one : *wanted.file) names.insert(one.topic);
  return {names.begin(), names.end()};
}

// A partition that is not there is left to the cluster, which says so.
std::vector<PlannedMove> from_file(const std::vector<client::Reassignment>& file,
                                   const std::vector<PlannedMove>& there) {
  std::vector<PlannedMove> out;
  for (const client::Reassignment& one : file) {
    auto found = std::find_if(there.begin(), there.end(), [&](const PlannedMove& move) {
      return move.topic == one.topic && move.partition == one.partition;
    });
    PlannedMove& move = out.emplace_back(
        PlannedMove{.topic = one.topic, .partition = one.partition, .now = {}, .wanted = *one.replicas});
    if (found == there.end()) continue;
    move.now = found->now;
    move.is_moving = found->is_moving;
    move.before = found->before;
  }
  return out;
}

Result<std::vector<PlannedMove>> plan(client::Session& session, const Wanted& wanted, Report& report) {
  BOBBIN_TRY_ASSIGN(under_way, client::moves_under_way(session));  // first: see count_as_moved
  BOBBIN_TRY_ASSIGN(views, those_there(session, topics_of(wanted), report));
  std::vector<PlannedMove> moves = partitions_of(views, wanted.named.partitions);
  count_as_moved(moves, under_way);
  if (wanted.file) return from_file(*wanted.file, moves);
  report_missing(views, wanted.named.partitions, report);
  if (!wanted.replicas.empty()) {
    for (PlannedMove& move : moves) move.wanted = wanted.replicas;
    return moves;
  }
  BOBBIN_TRY_ASSIGN(cluster, client::describe_cluster(session));
  std::vector<BrokerId> running;
  for (const client::Node& node : cluster.nodes) running.push_back(node.id);
  const Spread how{.brokers = wanted.brokers.empty() ? running : wanted.brokers,
                   .replicas = wanted.count,
                   .evenly = !wanted.brokers.empty()};
  BOBBIN_TRY_ASSIGN(all, client::list_topics(session));
  auto spread_out = spread(std::move(moves), copies_by_broker(all), how);
  if (spread_out) return spread_out;
  for (BrokerId id : wanted.brokers)
    if (!holds(running, id)) return std::move(spread_out).error().in("no broker " + to_string(id) + " runs");
  return spread_out;
}

Listing listing_of(const std::vector<PlannedMove>& moves) {
  Listing listing({"topic", "partition", "from", "to"});
  for (const PlannedMove& move : moves)
    listing.add({move.topic, move.partition.value, move.is_moving ? move.before : move.now, move.wanted});
  return listing;
}

// --- doing it

struct Finished {
  int code;
  std::optional<int> signal;  // came before it was finished
};

int end_with(const Finished& finished) {
  if (finished.signal) os::die_of_signal(*finished.signal);
  return finished.code;
}

// What was begun: waits for it, and tells of it.
Result<Finished> finish(client::Session& session, const Arguments& arguments, const std::vector<PlannedMove>& begun,
                        Report& report) {
  Ended ended{begun, {}};
  if (arguments.has("no-wait")) {
    for (size_t i = 0; i < begun.size(); i++) report.done();
    if (!begun.empty()) notice(arguments, "begun; bobbin cluster reassign --list shows how far it is");
  } else if (!begun.empty()) {
    BOBBIN_TRY_ASSIGN(waited, await_done(session, arguments, begun, report));
    ended = std::move(waited);
  }
  if (ended.signal) return Finished{exit_no, ended.signal};
  const bool failed = report.exit_code() != exit_done;
  const int printed = print(listing_of(ended.done), arguments);
  return Finished{failed ? report.exit_code() : printed, {}};
}

Result<bool> anything_moves(client::Session& session) {
  BOBBIN_TRY_ASSIGN(moves, client::moves_under_way(session));
  return !moves.empty();
}

Result<int> move(client::Session& session, const Arguments& arguments, const Wanted& wanted) {
  Report report;
  BOBBIN_TRY_ASSIGN(moves, plan(session, wanted, report));
  std::erase_if(moves, [](const PlannedMove& move) { return move.wanted == move.now && !move.is_moving; });
  if (report.exit_code() != exit_done) {
    (void)print(listing_of({}), arguments);
    return report.exit_code();
  }
  if (moves.empty()) notice(arguments, "every partition has these replicas already");
  if (moves.empty() || arguments.has("dry-run")) return print(listing_of(moves), arguments);
  if (wanted.throttling) BOBBIN_TRY(throttle_moves(session, moves, *wanted.throttling));
  BOBBIN_TRY_ASSIGN(begun, begin_moves(session, moves, report));
  BOBBIN_TRY_ASSIGN(finished, finish(session, arguments, begun, report));
  if (wanted.throttling && wanted.throttling->bytes_a_second) {
    bool stays = arguments.has("no-wait") || finished.signal || report.exit_code() != exit_done;
    if (stays && !finished.signal) {
      BOBBIN_TRY_ASSIGN(moves_on, anything_moves(session));
      stays = moves_on;
    }
    if (stays) notice(arguments, "what moves is throttled until bobbin cluster reassign --throttle none");
    else BOBBIN_TRY(clear_throttle(session));
  }
  return end_with(finished);
}

// Of what is under way. Nothing begins to move by it.
Result<int> throttle(client::Session& session, const Arguments& arguments, const Wanted& wanted) {
  if (arguments.has("dry-run")) return print(listing_of({}), arguments);
  if (!wanted.throttling->bytes_a_second) {
    BOBBIN_TRY(clear_throttle(session));
    return print(listing_of({}), arguments);
  }
  BOBBIN_TRY_ASSIGN(under_way, client::moves_under_way(session));
  std::vector<PlannedMove> moves;
  for (const client::MoveUnderWay& move : under_way)
    moves.push_back({.topic = move.topic, .partition = move.partition, .now = original(move), .wanted = move.replicas});
  BOBBIN_TRY(throttle_moves(session, moves, *wanted.throttling));
  if (under_way.empty()) notice(arguments, "nothing is being moved; what is moved later keeps to it");
  return print(listing_of({}), arguments);
}

bool is_meant(const client::MoveUnderWay& move, const Wanted& wanted) {
  if (wanted.file)
    return std::any_of(wanted.file->begin(), wanted.file->end(), [&](const client::Reassignment& one) {
      return one.topic == move.topic && one.partition == move.partition;
    });
  return wanted.named.covers(move.partition);
}

std::vector<PlannedMove> to_take_back(const std::vector<client::MoveUnderWay>& under_way, const Wanted& wanted) {
  std::vector<PlannedMove> out;
  for (const client::MoveUnderWay& move : under_way)
    if (is_meant(move, wanted))
      out.push_back({.topic = move.topic, .partition = move.partition, .now = move.replicas, .wanted = original(move)});
  return out;
}

Result<int> take_back(client::Session& session, const Arguments& arguments, const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(under_way, moves_of(session, wanted.named.topics));
  const auto moves = to_take_back(under_way, wanted);
  if (moves.empty()) {
    notice(arguments, "nothing of this is being moved");
    return print(listing_of(moves), arguments);
  }
  if (arguments.has("dry-run")) return print(listing_of(moves), arguments);
  std::vector<client::Reassignment> which;
  for (const PlannedMove& move : moves) which.push_back({move.topic, move.partition, std::nullopt});
  BOBBIN_TRY_ASSIGN(told, client::reassign(session, which));
  Report report;
  std::vector<PlannedMove> begun;
  for (const client::Reassigned& one : told) {
    if (!one.status) report.failed(one.status.error());
    for (const PlannedMove& move : moves)
      if (one.status && one.topic == move.topic && one.partition == move.partition) begun.push_back(move);
  }
  BOBBIN_TRY_ASSIGN(finished, finish(session, arguments, begun, report));
  // As Kafka's --cancel, and its --verify: a throttle ends with the moves that it was set for.
  if (!finished.signal && !begun.empty()) {
    BOBBIN_TRY_ASSIGN(moves_on, anything_moves(session));
    if (!moves_on) BOBBIN_TRY(clear_throttle(session));
  }
  return end_with(finished);
}

Result<int> list(client::Session& session, const Arguments& arguments, const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(under_way, moves_of(session, wanted.named.topics));
  std::erase_if(under_way, [&](const client::MoveUnderWay& move) { return !is_meant(move, wanted); });
  if (under_way.empty()) notice(arguments, "nothing is being moved");
  BOBBIN_TRY_ASSIGN(listing, listed(session, under_way));
  return print(listing, arguments);
}

Result<int> reassign(const Arguments& arguments, const Wanted& wanted) {
  BOBBIN_TRY_ASSIGN(session, connect(arguments));
  if (arguments.has("list")) return list(*session, arguments, wanted);
  if (only_throttles(wanted)) return throttle(*session, arguments, wanted);
  if (arguments.has("cancel")) return take_back(*session, arguments, wanted);
  return move(*session, arguments, wanted);
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "cluster reassign");
  auto code = reassign(arguments, *wanted);
  return code ? *code : fail_list(code.error(), "", arguments);
}

constexpr Option options[] = {
    topic_names,
    partitions_of_topics,
    {.name = "to",
     .value = "ID[,ID...]",
     .doc = "The brokers that are to have the copies, which are spread over them evenly: as many stay where they are "
            "as can.",
     .repeats = true},
    {.name = "replicas",
     .value = "ID[,ID...]",
     .doc = "The brokers that are to have a copy of each of these partitions; the first is to lead.",
     .repeats = true},
    {.name = "replication-factor",
     .shorts = "r",
     .value = "N",
     .doc = "How many copies there are to be. Without --to, copies are added where there are the fewest, and "
            "nothing else moves."},
    {.name = "from-file",
     .aliases = "reassignment-json-file",
     .value = "FILE",
     .doc = "What Kafka's kafka-reassign-partitions takes: {\"version\":1, \"partitions\":[{\"topic\":\"orders\", "
            "\"partition\":0, \"replicas\":[2,3]}]}. - is stdin."},
    {.name = "throttle",
     .value = "BYTES",
     .doc = "How many bytes a second each broker copies, and gives to copies, as 10MiB, until this is done. Alone it "
            "holds for "
            "what is being moved, and for later moves; none takes it back."},
    {.name = "dry-run", .doc = "Print what would move, and do nothing: no throttle is set or taken back, either."},
    {.name = "no-wait", .doc = "Only begin: the copies are made after this command has ended."},
    {.name = "list", .doc = "List what is being moved, and how many records each new copy lacks."},
    {.name = "cancel", .doc = "Take moves back: those of these topics and partitions, or all."},
};

constexpr Example examples[] = {
    {"bobbin cluster reassign orders -r 3", "three copies of each partition, the new ones where there is the least"},
    {"bobbin cluster reassign orders payments --to 1,2,4", "off broker 3, and evenly over the others"},
    {"bobbin cluster reassign orders -p 0 --replicas 2,3,1", "one partition, exactly so; broker 2 is to lead"},
    {"bobbin cluster reassign orders --to 2,3 --throttle 20MiB", "slowly, while others work"},
    {"bobbin cluster reassign --list", "how far it is"},
};

}  // namespace

extern constinit const Command cluster_reassign{
    .name = "cluster reassign",
    .arguments = "[TOPIC...]",
    .summary = "Move copies to other brokers, or make more or fewer",
    .description =
        "Gives partitions other replicas, waits until that is done, and prints what moved. The new copies are made "
        "while records are "
        "written and read; the old ones go, and what they held is deleted, only when every broker that is to have a "
        "copy has every "
        "record and is in sync. So nothing is lost when a broker dies meanwhile: the move goes on when it has come "
        "back. Clients "
        "follow by themselves.\n\n"
        "The exit code is 0 when everything has moved (with --no-wait: has begun), and 1 when something has not, which "
        "stderr names. "
        "It waits as long as it takes; with --timeout, until nothing has moved for so long. A move that this command "
        "does not wait "
        "for any more goes on.\n\n"
        "A move that is taken back by --cancel leaves the copies where they were before it, though perhaps, as in "
        "Kafka, in "
        "another order, and so with another preferred leader; so does a new target for what is moving already, once "
        "that is "
        "reached.\n\n"
        "--throttle sets what Kafka's kafka-reassign-partitions sets: leader.replication.throttled.rate and "
        "follower.replication.throttled.rate of each broker, and the topics' lists of throttled replicas. It ends with "
        "the move "
        "that this command waited for, and with --cancel, when nothing moves any more; interrupted, or with --no-wait, "
        "it stays until it is taken back.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
