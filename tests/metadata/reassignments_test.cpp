// Partitions move to other brokers: who has a copy meanwhile, when the move is done, and what it means to who leads.
#include "metadata/reassignments.h"

#include <algorithm>

#include "metadata/partition_change.h"
#include "metadata/small_cluster.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

std::string list(const std::vector<BrokerId>& ids) {
  std::string out;
  for (BrokerId id : ids) out += (out.empty() ? "" : ",") + to_string(id);
  return out.empty() ? "none" : out;
}

// "replicas 2,3,1 adding 2,3 removing 1 leader 1 epoch 0 isr 1 eligible none"
std::string placed(const Partition& p) {
  return "replicas " + list(p.replicas) + " adding " + list(p.adding_replicas) + " removing " +
         list(p.removing_replicas) + " " + said(p);
}

Result<Records> moving(const Image& image, const std::vector<int32_t>& to, bool may_change_count = true) {
  return begin_move(image, {"t", PartitionId(0), ids(to), may_change_count});
}

void move_to(Image& image, const std::vector<int32_t>& to) { REQUIRE(take(image, moving(image, to))); }

Reign reign_of(const Image& image) {
  const Partition& p = partition(image);
  return {image.topic("t")->id, PartitionId(0), p.leader, p.leader_epoch};
}

// It has everything, and the leader says so.
void catch_up(Image& image, int32_t who) {
  REQUIRE(take(image, join_in_sync(image, reign_of(image), BrokerId(who), life(image, who))));
}

void fall_behind(Image& image, int32_t who) {
  REQUIRE(take(image, leave_in_sync(image, reign_of(image), BrokerId(who))));
}

// The leader says what it has to say, until it has nothing more to say.
void go_on(Image& image) {
  for (int i = 0; i < 3; i++) REQUIRE(take(image, go_on_move(image, reign_of(image))));
}

// Topic t of brokers 1 to 5.
Image cluster_with(const std::vector<int32_t>& replicas, const std::string& min_isr = {}) {
  Image image = cluster_of(5);
  make_topic(image, {replicas}, min_isr);
  return image;
}

}  // namespace

// --- beginning

TEST_CASE("Reassignments: who is wanted comes first, then who is to go; the leader stays, and no reign begins") {
  Image image = cluster_with({1, 2});
  move_to(image, {3, 2, 4});
  CHECK(placed(partition(image)) == "replicas 3,2,4,1 adding 3,4 removing 1 leader 1 epoch 0 isr 1,2 eligible none");
  CHECK(is_moving(partition(image)));
  CHECK(list(target_of(partition(image))) == "3,2,4");
  CHECK(list(original_of(partition(image))) == "2,1");
}

TEST_CASE("Reassignments: directories lie beside the replicas that they are of") {
  Image image = cluster_with({1, 2});
  move_to(image, {3, 2});
  CHECK(partition(image).directories == std::vector{uuid(103), uuid(102), uuid(101)});
  catch_up(image, 3);
  go_on(image);
  CHECK(partition(image).directories == std::vector{uuid(103), uuid(102)});
}

TEST_CASE("Reassignments: another order alone is done at once, and nobody's lead ends by it") {
  Image image = cluster_with({1, 2, 3});
  move_to(image, {3, 1, 2});
  CHECK(placed(partition(image)) ==
        "replicas 3,1,2 adding none removing none leader 1 epoch 0 isr 1,2,3 eligible none");
  CHECK(partition(image).directories == std::vector{uuid(103), uuid(101), uuid(102)});
}

TEST_CASE("Reassignments: what is so already is no change") {
  Image image = cluster_with({1, 2});
  auto records = moving(image, {1, 2});
  REQUIRE(records);
  CHECK(records->empty());
}

TEST_CASE("Reassignments: a target that cannot be one is refused") {
  Image image = cluster_with({1, 2});
  CHECK(code(moving(image, {})) == Errc::invalid_replica_assignment);
  CHECK(code(moving(image, {1, 3, 1})) == Errc::invalid_replica_assignment);
  CHECK(code(moving(image, {1, 9})) == Errc::invalid_replica_assignment);
  CHECK(code(moving(image, {1, -1})) == Errc::invalid_replica_assignment);
  CHECK(code(begin_move(image, {"u", PartitionId(0), ids({1})})) == Errc::unknown_topic_or_partition);
  for (int32_t number : {-1, 1, INT32_MAX})
    CHECK(code(begin_move(image, {"t", PartitionId(number), ids({1})})) == Errc::unknown_topic_or_partition);
}

TEST_CASE(
    "Reassignments: another number of replicas is refused to who does not want it, also while a move is under way") {
  Image image = cluster_with({1, 2});
  CHECK(code(moving(image, {1, 2, 3}, false)) == Errc::invalid_replication_factor);
  CHECK(code(moving(image, {3}, false)) == Errc::invalid_replication_factor);
  CHECK(code(moving(image, {3, 4}, false)) == Errc::none);
  move_to(image, {3, 4, 5});
  CHECK(code(moving(image, {1, 2}, false)) == Errc::invalid_replication_factor);
  CHECK(code(moving(image, {1, 2, 3}, false)) == Errc::none);
}

TEST_CASE("Reassignments: a broker that does not run may be wanted, and the move waits for it") {
  Image image = cluster_with({1, 2});
  fence(image, 3);
  move_to(image, {1, 3});
  go_on(image);
  CHECK(is_moving(partition(image)));
  REQUIRE(take(image, register_broker(image, life_of(3, 33))));
  catch_up(image, 3);
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 1,3 adding none removing none leader 1 epoch 1 isr 1,3 eligible none");
}

// --- how it goes on

TEST_CASE("Reassignments: a move is done when everybody who is wanted is in sync, and not before") {
  Image image = cluster_with({1, 2});
  move_to(image, {1, 3, 4});
  catch_up(image, 3);
  CHECK_FALSE(can_go_on(partition(image)));
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 1,3,4,2 adding 3,4 removing 2 leader 1 epoch 0 isr 1,2,3 eligible none");
  catch_up(image, 4);
  go_on(image);
  CHECK(placed(partition(image)) ==
        "replicas 1,3,4 adding none removing none leader 1 epoch 1 isr 1,3,4 eligible none");
}

TEST_CASE("Reassignments: one that stays, and is not in sync, holds the move up") {
  Image image = cluster_with({1, 2, 3});
  fall_behind(image, 2);
  move_to(image, {1, 2, 4});
  catch_up(image, 4);
  go_on(image);
  CHECK(is_moving(partition(image)));
  catch_up(image, 2);
  go_on(image);
  CHECK(placed(partition(image)) ==
        "replicas 1,2,4 adding none removing none leader 1 epoch 1 isr 1,4,2 eligible none");
}

TEST_CASE("Reassignments: R2, who only gets others beside it begins no reign; where somebody goes, one begins") {
  Image image = cluster_with({1});
  move_to(image, {1, 2});
  catch_up(image, 2);
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 1,2 adding none removing none leader 1 epoch 0 isr 1,2 eligible none");
  move_to(image, {1});
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 1 adding none removing none leader 1 epoch 1 isr 1 eligible none");
}

TEST_CASE("Reassignments: R17, a leader that is to go gives the lead to one that stays, which ends the move") {
  Image image = cluster_with({1, 2});
  move_to(image, {3, 4});
  catch_up(image, 4);
  catch_up(image, 3);
  REQUIRE(take(image, go_on_move(image, reign_of(image))));
  CHECK(placed(partition(image)) ==
        "replicas 3,4,1,2 adding 3,4 removing 1,2 leader 3 epoch 1 isr 1,2,4,3 eligible none");
  REQUIRE(take(image, go_on_move(image, reign_of(image))));
  CHECK(placed(partition(image)) == "replicas 3,4 adding none removing none leader 3 epoch 2 isr 4,3 eligible none");
}

TEST_CASE("Reassignments: R1, who led before does not say that a move is done") {
  Image image = cluster_with({1, 2});
  move_to(image, {1, 3});
  catch_up(image, 3);
  const Reign before = reign_of(image);
  fence(image, 1);
  CHECK(code(go_on_move(image, before)) == Errc::not_leader_or_follower);
  REQUIRE(take(image, register_broker(image, life_of(1, 11))));
  Reign wrong = reign_of(image);
  wrong.epoch = LeaderEpoch(wrong.epoch.value - 1);
  CHECK(code(go_on_move(image, wrong)) == Errc::fenced_leader_epoch);
}

TEST_CASE("Reassignments: nothing is said of what does not move") {
  Image image = cluster_with({1, 2});
  auto records = go_on_move(image, reign_of(image));
  REQUIRE(records);
  CHECK(records->empty());
}

TEST_CASE("Reassignments: who dies, leads or comes back while others come in ends nothing, and the move goes on") {
  Image image = cluster_with({1, 2}, "2");
  move_to(image, {3, 2});
  fence(image, 1);
  CHECK(placed(partition(image)) == "replicas 3,2,1 adding 3 removing 1 leader 2 epoch 1 isr 2 eligible 1");
  fence(image, 2);
  CHECK(placed(partition(image)) == "replicas 3,2,1 adding 3 removing 1 leader none epoch 2 isr none eligible 2,1");
  REQUIRE(take(image, register_broker(image, life_of(1, 11))));
  CHECK(partition(image).leader == BrokerId(1));
  catch_up(image, 3);
  REQUIRE(take(image, register_broker(image, life_of(2, 22))));
  catch_up(image, 2);
  go_on(image);
  CHECK(list(partition(image).replicas) == "3,2");
  CHECK(list(partition(image).isr) == "3,2");
  CHECK(partition(image).leader == BrokerId(3));
}

// --- min.insync.replicas

TEST_CASE("Reassignments: while it moves a partition needs as many in sync as before, and never more") {
  Image image = cluster_with({1}, "2");
  auto min_isr = [&] { return min_isr_of(image, *image.topic("t"), partition(image)); };
  CHECK(min_isr() == 1);
  move_to(image, {1, 2, 3});
  CHECK(min_isr() == 1);
  catch_up(image, 2);
  catch_up(image, 3);
  go_on(image);
  CHECK(min_isr() == 2);
  move_to(image, {3});
  CHECK(min_isr() == 2);
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 3 adding none removing none leader 3 epoch 2 isr 3 eligible none");
  CHECK(min_isr() == 1);
}

// --- another target

TEST_CASE("Reassignments: another target takes the place of the first, whose newcomers go when the leader says so") {
  Image image = cluster_with({1, 2});
  move_to(image, {3, 4});
  move_to(image, {5, 4});
  CHECK(placed(partition(image)) ==
        "replicas 5,4,3,1,2 adding 5,4,3 removing 3,1,2 leader 1 epoch 0 isr 1,2 eligible none");
  CHECK(list(original_of(partition(image))) == "1,2");
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 5,4,1,2 adding 5,4 removing 1,2 leader 1 epoch 1 isr 1,2 eligible none");
}

TEST_CASE("Reassignments: who came in by a move, and is in sync, stays until the next target is reached") {
  Image image = cluster_with({1, 2});
  move_to(image, {3, 4});
  catch_up(image, 3);
  move_to(image, {5, 2});
  go_on(image);
  CHECK(placed(partition(image)) ==
        "replicas 5,2,3,1 adding 5,3 removing 3,1 leader 1 epoch 1 isr 1,2,3 eligible none");
  catch_up(image, 5);
  go_on(image);
  CHECK(list(partition(image).replicas) == "5,2");
  CHECK_FALSE(is_moving(partition(image)));
}

// --- taking back

TEST_CASE("Reassignments: a move that is taken back leaves the replicas of before, when the leader says so") {
  Image image = cluster_with({1, 2});
  move_to(image, {3, 4});
  catch_up(image, 3);
  REQUIRE(take(image, cancel_move(image, "t", PartitionId(0))));
  CHECK(placed(partition(image)) ==
        "replicas 1,2,3,4 adding 3,4 removing 3,4 leader 1 epoch 0 isr 1,2,3 eligible none");
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 1,2 adding none removing none leader 1 epoch 1 isr 1,2 eligible none");
}

TEST_CASE("Reassignments: it is taken back also while one of those of before is not in sync") {
  Image image = cluster_with({1, 2});
  move_to(image, {3, 4});
  catch_up(image, 3);
  fall_behind(image, 2);
  REQUIRE(take(image, cancel_move(image, "t", PartitionId(0))));
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 1,2 adding none removing none leader 1 epoch 1 isr 1 eligible none");
}

TEST_CASE("Reassignments: R17, who leads by a move that is taken back gives the lead to one of before") {
  Image image = cluster_with({1, 2});
  move_to(image, {3, 4});
  catch_up(image, 3);
  fence(image, 1);
  REQUIRE(said(partition(image)) == "leader 3 epoch 1 isr 2,3 eligible none");
  REQUIRE(take(image, cancel_move(image, "t", PartitionId(0))));
  REQUIRE(take(image, go_on_move(image, reign_of(image))));
  CHECK(said(partition(image)) == "leader 2 epoch 2 isr 2,3 eligible none");
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 1,2 adding none removing none leader 2 epoch 3 isr 2 eligible none");
}

TEST_CASE("Reassignments: R11, who goes when a move is taken back is not eligible any more") {
  Image image = cluster_with({1, 2}, "2");
  move_to(image, {3});
  catch_up(image, 3);
  fall_behind(image, 2);
  REQUIRE(said(partition(image)) == "leader 1 epoch 0 isr 1,3 eligible none");
  REQUIRE(take(image, cancel_move(image, "t", PartitionId(0))));
  fall_behind(image, 3);
  CHECK(said(partition(image)) == "leader 1 epoch 0 isr 1 eligible 3");
  go_on(image);
  CHECK(placed(partition(image)) == "replicas 1,2 adding none removing none leader 1 epoch 1 isr 1 eligible none");
}

TEST_CASE("Reassignments: a move is not taken back where nobody of before has every record") {
  Image image = cluster_with({1, 2});
  move_to(image, {3, 4});
  catch_up(image, 3);
  fence(image, 1);
  fence(image, 2);
  REQUIRE(said(partition(image)) == "leader 3 epoch 1 isr 3 eligible none");
  CHECK(code(cancel_move(image, "t", PartitionId(0))) == Errc::invalid_replica_assignment);
}

TEST_CASE("Reassignments: where nothing moves, nothing is taken back") {
  Image image = cluster_with({1, 2});
  CHECK(code(cancel_move(image, "t", PartitionId(0))) == Errc::no_reassignment_in_progress);
  CHECK(code(cancel_move(image, "t", PartitionId(1))) == Errc::unknown_topic_or_partition);
  CHECK(code(cancel_move(image, "u", PartitionId(0))) == Errc::unknown_topic_or_partition);
}

// --- lost folders

TEST_CASE(
    "Reassignments: R12, the only copy of a partition leads on though it may lack records, while its move has copied "
    "nothing") {
  Image image = cluster_with({1});
  move_to(image, {2});
  Registration lossy = life_of(1, 11);
  lossy.lossy = true;
  REQUIRE(take(image, register_broker(image, lossy)));
  CHECK(said(partition(image)) == "leader 1 epoch 1 isr 1 eligible none");
  catch_up(image, 2);
  lossy.incarnation = uuid(12);
  REQUIRE(take(image, register_broker(image, lossy)));
  CHECK(said(partition(image)) == "leader 2 epoch 2 isr 2 eligible none");
}

// --- what the image remembers of copies

TEST_CASE("Image: it knows who was moved away by a record that it has seen, and not who has come back") {
  Image image = cluster_with({1, 2});
  const TopicId id = image.topic("t")->id;
  auto was_moved = [&](int32_t who) { return image.removed().copies.contains({id, PartitionId(0), BrokerId(who)}); };
  move_to(image, {3, 2});
  CHECK_FALSE(was_moved(1));
  catch_up(image, 3);
  go_on(image);
  CHECK(was_moved(1));
  CHECK_FALSE(was_moved(4));
  move_to(image, {3, 1});
  CHECK_FALSE(was_moved(1));
}
