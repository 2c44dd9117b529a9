#include "cmd/cluster/moving.h"

#include <algorithm>
#include <set>

#include "base/ids.h"
#include "base/text.h"
#include "client/admin/replica_ends.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/output/progress.h"
#include "os/signals.h"

namespace bobbin::cmd {
namespace {

using client::MoveUnderWay;

// How long a broker is waited for that is asked how far its copies go.
constexpr int64_t patience_ms = 200, patience_afar_ms = 2000;
// How often it is asked which moves are done, and how far they are.
constexpr int64_t ask_every_ms = 100, measure_every_ms = 500;
// After how long without any that is said.
constexpr int64_t stuck_after_ms = 5000;

std::string name_of(const MoveUnderWay& move) { return move.topic + "-" + to_string(move.partition); }
std::string name_of(const PlannedMove& move) { return move.topic + "-" + to_string(move.partition); }

// How far copies go, by topic.
using Ends = std::map<std::string, client::ReplicaEnds>;
struct Measured {
  std::map<std::string, client::TopicView> topics;
  Ends ends;
};

Result<Measured> measure(client::Session& session, const std::vector<MoveUnderWay>& moves) {
  std::set<std::string> names;
  for (const MoveUnderWay& move : moves) names.insert(move.topic);
  Measured out;
  if (names.empty()) return out;
  BOBBIN_TRY_ASSIGN(views, client::describe_topics(session, {names.begin(), names.end()}));
  for (client::TopicView& view : views) {
    out.ends[view.name] = client::replica_ends(session, view, session.is_local() ? patience_ms : patience_afar_ms);
    out.topics[view.name] = std::move(view);
  }
  return out;
}

// nullptr: it is not there any more.
const client::PartitionView* partition_of(const Measured& measured, const MoveUnderWay& move) {
  auto topic = measured.topics.find(move.topic);
  const auto at = static_cast<size_t>(move.partition.value);
  if (topic == measured.topics.end() || at >= topic->second.partitions.size()) return nullptr;
  return &topic->second.partitions[at];
}

// How many records that broker's copy lacks; none: it, or the leader, was not heard of.
std::optional<int64_t> lag_of(const Measured& measured, const MoveUnderWay& move, BrokerId id) {
  const client::PartitionView* partition = partition_of(measured, move);
  if (!partition) return std::nullopt;
  const client::ReplicaEnds& ends = measured.ends.at(move.topic);
  auto all = ends.find({move.partition, partition->leader});
  auto theirs = ends.find({move.partition, id});
  if (all == ends.end() || theirs == ends.end()) return std::nullopt;
  return std::max<int64_t>(all->second - theirs->second, 0);
}

int64_t left_to_copy(const Measured& measured, const std::vector<MoveUnderWay>& moves) {
  int64_t left = 0;
  for (const MoveUnderWay& move : moves)
    for (BrokerId id : move.adding) left += lag_of(measured, move, id).value_or(0);
  return left;
}

std::string lag_text(const Measured& measured, const MoveUnderWay& move) {
  std::string out;
  for (BrokerId id : move.adding) {
    const auto lag = lag_of(measured, move, id);
    out += (out.empty() ? "" : ",") + to_string(id) + ":" + (lag ? std::to_string(*lag) : "?");
  }
  return out;
}

// Why nothing moves: who does not run, of those that are to have copies; else nothing is known.
std::string stuck_text(const Measured& measured, const std::vector<MoveUnderWay>& moves) {
  std::set<BrokerId> away;
  for (const MoveUnderWay& move : moves) {
    const client::PartitionView* partition = partition_of(measured, move);
    if (!partition) continue;
    for (BrokerId id : partition->offline)
      if (!holds(move.removing, id)) away.insert(id);
  }
  const std::string begin = std::to_string(moves.size()) + " partition(s) have not moved for " +
                            std::to_string(stuck_after_ms / 1000) + " s, " + name_of(moves.front()) + " among them: ";
  if (away.empty()) return begin + "bobbin topic describe shows who does not keep up, bobbin broker logs why";
  const std::string ids = ids_text({away.begin(), away.end()});
  return begin + "broker " + ids + " must run for that (bobbin broker start " + ids + ")";
}

// Waits for what was begun, and knows whether it moves.
class Watch {
 public:
  Watch(client::Session& session, const Arguments& arguments)
      : session_(session), arguments_(arguments), progress_(arguments, "left to copy"), moved_ms_(session.now_ms()),
        is_bounded_(arguments.has("timeout")) {}

  // False: nothing moves any more.
  Result<bool> look(const std::vector<MoveUnderWay>& left) {
    const int64_t now = session_.now_ms();
    if (left.size() < count_) moved_ms_ = now;
    count_ = left.size();
    if (now >= measure_ms_) {
      BOBBIN_TRY_ASSIGN(measured, measure(session_, left));
      take(measured, left);
      measure_ms_ = session_.now_ms() + measure_every_ms;
    }
    return !is_bounded_ || now - moved_ms_ < session_.target().timeout_ms;
  }
  void end() { progress_.clear(); }

 private:
  void take(const Measured& measured, const std::vector<MoveUnderWay>& left) {
    const int64_t now = session_.now_ms(), records = left_to_copy(measured, left);
    if (records < records_) moved_ms_ = now;
    records_ = records;
    progress_.show(static_cast<uint64_t>(records));
    if (now - moved_ms_ < stuck_after_ms) return said_.clear();
    const std::string why = stuck_text(measured, left);
    if (why == said_) return;
    progress_.clear();
    notice(arguments_, why);
    said_ = why;
  }

  client::Session& session_;
  const Arguments& arguments_;
  Progress progress_;
  int64_t moved_ms_, measure_ms_ = 0;
  bool is_bounded_;
  size_t count_ = SIZE_MAX;
  int64_t records_ = INT64_MAX;
  std::string said_;  // why nothing moves
};

template <class Move, class Other>
bool is_one_of(const Move& move, const std::vector<Other>& others) {
  return std::any_of(others.begin(), others.end(), [&](const Other& other) {
    return other.topic == move.topic && other.partition == move.partition;
  });
}

// Those that are where they were to be. Somebody else may have taken a move back, or given another target.
Result<std::vector<PlannedMove>> done_of(client::Session& session, const std::vector<PlannedMove>& begun,
                                         Report& report) {
  std::vector<PlannedMove> done;
  if (begun.empty()) return done;
  std::set<std::string> names;
  for (const PlannedMove& move : begun) names.insert(move.topic);
  BOBBIN_TRY_ASSIGN(views, client::describe_topics(session, {names.begin(), names.end()}));
  for (const PlannedMove& move : begun) {
    auto view =
        std::find_if(views.begin(), views.end(), [&](const client::TopicView& v) { return v.name == move.topic; });
    const auto at = static_cast<size_t>(move.partition.value);
    std::vector<BrokerId> has;
    if (view != views.end() && at < view->partitions.size()) has = view->partitions[at].replicas;
    if (has == move.wanted) {
      report.done();
      done.push_back(move);
    } else if (has.empty()) {
      report.failed(error(Errc::unknown_topic_or_partition, name_of(move) + ": was deleted meanwhile"));
    } else {
      report.failed(error(Errc::invalid_request, name_of(move) + ": its replicas are " + ids_text(has) + ", not " +
                                                     ids_text(move.wanted) +
                                                     ": somebody took the move back, or began another"));
    }
  }
  return done;
}

}  // namespace

Result<std::vector<MoveUnderWay>> moves_of(client::Session& session, const std::vector<std::string>& topics) {
  BOBBIN_TRY_ASSIGN(moves, client::moves_under_way(session));
  std::erase_if(moves, [&](const MoveUnderWay& move) {
    return !topics.empty() && std::find(topics.begin(), topics.end(), move.topic) == topics.end();
  });
  return moves;
}

Result<Listing> listed(client::Session& session, const std::vector<MoveUnderWay>& moves) {
  Listing listing({"topic", "partition", "replicas", "adding", "removing", "lag"});
  BOBBIN_TRY_ASSIGN(measured, measure(session, moves));
  for (const MoveUnderWay& move : moves) {
    const std::string lag = lag_text(measured, move);
    listing.add({move.topic, move.partition.value, move.replicas, move.adding, move.removing,
                 lag.empty() ? Cell() : Cell(lag)});
  }
  return listing;
}

void count_as_moved(std::vector<PlannedMove>& moves, const std::vector<client::MoveUnderWay>& under_way) {
  for (PlannedMove& move : moves)
    for (const client::MoveUnderWay& other : under_way) {
      if (other.topic != move.topic || other.partition != move.partition) continue;
      std::erase_if(move.now, [&](BrokerId id) { return holds(other.removing, id); });
      move.before = original(other);
      move.wanted = move.now;
      move.is_moving = true;
    }
}

Result<std::vector<PlannedMove>> begin_moves(client::Session& session, const std::vector<PlannedMove>& moves,
                                             Report& report) {
  std::vector<client::Reassignment> which;
  for (const PlannedMove& move : moves) which.push_back({move.topic, move.partition, move.wanted});
  BOBBIN_TRY_ASSIGN(told, client::reassign(session, which));
  std::set<std::pair<std::string, PartitionId>> refused;
  for (const client::Reassigned& one : told)
    if (!one.status) {
      refused.emplace(one.topic, one.partition);
      report.failed(one.status.error());
    }
  std::vector<PlannedMove> begun;
  for (const PlannedMove& move : moves)
    if (!refused.contains({move.topic, move.partition})) begun.push_back(move);
  return begun;
}

std::vector<BrokerId> original(const client::MoveUnderWay& move) {
  std::vector<BrokerId> ids = move.replicas;
  std::erase_if(ids, [&](BrokerId id) { return holds(move.adding, id); });
  return ids;
}

Result<Ended> await_done(client::Session& session, const Arguments& arguments, const std::vector<PlannedMove>& begun,
                         Report& report) {
  BOBBIN_TRY_ASSIGN(signals, os::Signals::take());
  Watch watch(session, arguments);
  std::vector<MoveUnderWay> left;
  for (bool goes_on = true; goes_on;) {
    auto under_way = client::moves_under_way(session);
    if (auto signal = signals.next()) {
      watch.end();
      notice(
          arguments,
          "what has not moved yet goes on: bobbin cluster reassign --list shows how far it is, --cancel takes it back");
      return Ended{{}, signal};
    }
    BOBBIN_TRY_ASSIGN(moves, std::move(under_way));
    left = std::move(moves);
    std::erase_if(left, [&](const MoveUnderWay& move) { return !is_one_of(move, begun); });
    if (left.empty()) break;
    BOBBIN_TRY_ASSIGN(moved, watch.look(left));
    goes_on = moved;
    os::WaitFd told[] = {{.fd = signals.fd(), .want_read = true}};
    const int64_t again_ms = session.now_ms() + ask_every_ms;
    while (goes_on && !told[0].readable && session.now_ms() < again_ms)
      BOBBIN_TRY(session.wait(told, again_ms - session.now_ms()));
  }
  watch.end();
  for (const MoveUnderWay& move : left)
    report.failed(error(Errc::reassignment_in_progress,
                        name_of(move) + " is not there yet, and goes on: see bobbin cluster reassign --list"));
  std::vector<PlannedMove> ended = begun;
  std::erase_if(ended, [&](const PlannedMove& move) { return is_one_of(move, left); });
  BOBBIN_TRY_ASSIGN(done, done_of(session, ended, report));
  return Ended{std::move(done), {}};
}

}  // namespace bobbin::cmd
