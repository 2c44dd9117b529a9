#include "metadata/reassignments.h"

#include <algorithm>
#include <set>

#include "base/ids.h"
#include "base/mutants.h"
#include "base/text.h"
#include "metadata/partition_change.h"

namespace bobbin::metadata {
namespace {

// Those of the first that are not in the second.
std::vector<BrokerId> without(const std::vector<BrokerId>& ids, const std::vector<BrokerId>& others) {
  std::vector<BrokerId> out;
  for (BrokerId id : ids)
    if (!holds(others, id)) out.push_back(id);
  return out;
}

bool holds_all(const std::vector<BrokerId>& ids, const std::vector<BrokerId>& wanted) {
  return without(wanted, ids).empty();
}

Result<const Topic*> find(const Image& image, std::string_view name, PartitionId number) {
  const Topic* topic = image.topic(name);
  if (!topic) return error(Errc::unknown_topic_or_partition, "there is no topic '" + escaped_for_line(name) + "'");
  if (!topic->partition(number))
    return error(Errc::unknown_topic_or_partition, "topic '" + topic->name + "' has no partition " + to_string(number));
  return topic;
}

Status check_target(const Image& image, const Partition& p, const Move& move) {
  auto refuse = [](const std::string& why) { return error(Errc::invalid_replica_assignment, why); };
  if (move.replicas.empty()) return refuse("no replica is named");
  std::set<BrokerId> seen;
  for (BrokerId id : move.replicas) {
    if (!seen.insert(id).second) return refuse("broker " + to_string(id) + " is named twice");
    if (!image.broker(id)) return refuse("there is no broker " + to_string(id));
  }
  const size_t count = target_of(p).size();
  if (move.may_change_count || move.replicas.size() == count) return {};
  return error(Errc::invalid_replication_factor, "it has " + std::to_string(count) + " replicas, and " +
                                                     std::to_string(move.replicas.size()) + " are named");
}

// Who has a copy from now on, if these are wanted: everybody who has one now, too.
Copies copies_for(const Partition& p, const std::vector<BrokerId>& target) {
  Copies copies{.replicas = target};
  copies.removing = without(p.replicas, target);
  copies.replicas.insert(copies.replicas.end(), copies.removing.begin(), copies.removing.end());
  copies.adding = without(copies.replicas, original_of(p));
  return copies;
}

bool is_taken_back(const Partition& p) {
  const std::vector<BrokerId> target = target_of(p), original = original_of(p);
  return holds_all(target, original) && holds_all(original, target);
}

bool holds_any(const std::vector<BrokerId>& ids, const std::vector<BrokerId>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](BrokerId id) { return holds(ids, id); });
}

// Who may go, whoever is in sync: a move brought it in, another one does not want it, and it is no loss.
std::vector<BrokerId> given_up(const Partition& p) {
  std::vector<BrokerId> out;
  for (BrokerId id : p.adding_replicas)
    if (holds(p.removing_replicas, id) && !may_lead(p, id)) out.push_back(id);
  return out;
}

bool is_reached(const Partition& p) {
  const std::vector<BrokerId> target = target_of(p);
  if (planted(Mutant::move_without_all)) return holds_any(p.isr, target);
  return holds_all(p.isr, target) || (is_taken_back(p) && holds_any(p.isr, target));
}

Records as_records(const PartitionChange& change) {
  Records out;
  if (auto record = change.record()) out.emplace_back(std::move(*record));
  return out;
}

PartitionChange change_of(const Image& image, const Topic& topic, PartitionId number) {
  return {topic, number, min_isr_of(image, topic, *topic.partition(number))};
}

}  // namespace

bool is_moving(const Partition& p) { return !p.adding_replicas.empty() || !p.removing_replicas.empty(); }
std::vector<BrokerId> target_of(const Partition& p) { return without(p.replicas, p.removing_replicas); }
std::vector<BrokerId> original_of(const Partition& p) { return without(p.replicas, p.adding_replicas); }

bool can_go_on(const Partition& p) { return is_moving(p) && (is_reached(p) || !given_up(p).empty()); }

Result<Records> begin_move(const Image& image, const Move& move) {
  BOBBIN_TRY_ASSIGN(topic, find(image, move.topic, move.partition));
  const Partition& p = *topic->partition(move.partition);
  BOBBIN_TRY(check_target(image, p, move));
  PartitionChange change = change_of(image, *topic, move.partition);
  change.place(image, copies_for(p, move.replicas));
  return as_records(change);
}

Result<Records> cancel_move(const Image& image, std::string_view name, PartitionId number) {
  BOBBIN_TRY_ASSIGN(topic, find(image, name, number));
  const Partition& p = *topic->partition(number);
  if (!is_moving(p)) return error(Errc::no_reassignment_in_progress, "it is not being moved");
  const std::vector<BrokerId> original = original_of(p);
  if (std::none_of(original.begin(), original.end(), [&](BrokerId id) { return may_lead(p, id); }))
    return error(Errc::invalid_replica_assignment,
                 "none of its replicas of before has every record by now: the move cannot be taken back without loss");
  return begin_move(image, {.topic = name, .partition = number, .replicas = original});
}

Result<Records> go_on_move(const Image& image, const Reign& reign) {
  BOBBIN_TRY_ASSIGN(topic, ruled(image, reign));
  const Partition& p = *topic->partition(reign.partition);
  if (!can_go_on(p)) return Records();
  PartitionChange change = change_of(image, *topic, reign.partition);
  const std::vector<BrokerId> target = target_of(p);
  if (!is_reached(p)) {
    const std::vector<BrokerId> gone = given_up(p);
    change.place(image,
                 {without(p.replicas, gone), without(p.adding_replicas, gone), without(p.removing_replicas, gone)});
  } else if (holds(target, p.leader)) {
    change.place(image, {.replicas = target});
  } else {
    const IsAlive is_alive = alive_in(image);
    auto next =
        std::find_if(target.begin(), target.end(), [&](BrokerId id) { return holds(p.isr, id) && is_alive(id); });
    if (next != target.end()) change.make_leader(*next);
  }
  return as_records(change);
}

}  // namespace bobbin::metadata
