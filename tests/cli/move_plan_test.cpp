// Move plans: what stays, what is made, and who leads.
#include "cmd/cluster/move_plan.h"

#include <catch2/catch.hpp>

#include "base/ids.h"

using namespace bobbin;
using namespace bobbin::cmd;

namespace {

std::vector<BrokerId> ids(const std::vector<int32_t>& numbers) { return {numbers.begin(), numbers.end()}; }

std::vector<PlannedMove> partitions(const std::vector<std::vector<int32_t>>& replicas) {
  std::vector<PlannedMove> out;
  for (size_t i = 0; i < replicas.size(); i++)
    out.push_back({.topic = "t",
                   .partition = PartitionId(static_cast<int32_t>(i)),
                   .now = ids(replicas[i]),
                   .wanted = ids(replicas[i])});
  return out;
}

// "1,2 2,3"
std::string planned(const std::vector<std::vector<int32_t>>& replicas, const Spread& how,
                    const std::map<BrokerId, size_t>& of_all = {}) {
  auto moves = spread(partitions(replicas), of_all, how);
  REQUIRE(moves.ok());
  std::string out;
  for (const PlannedMove& move : *moves) {
    out += out.empty() ? "" : " ";
    for (size_t i = 0; i < move.wanted.size(); i++) out += (i ? "," : "") + to_string(move.wanted[i]);
  }
  return out;
}

size_t copies_moved(const std::vector<PlannedMove>& moves) {
  size_t count = 0;
  for (const PlannedMove& move : moves)
    for (BrokerId id : move.wanted)
      if (!holds(move.now, id)) count++;
  return count;
}

}  // namespace

TEST_CASE("Move plans: copies are added where there are the fewest, and nothing else moves") {
  CHECK(planned({{1}, {1}, {2}}, {.brokers = ids({1, 2, 3}), .replicas = 2}) == "1,3 1,2 2,3");
  CHECK(planned({{1}}, {.brokers = ids({1, 2, 3}), .replicas = 2},
                {{BrokerId(1), 5}, {BrokerId(2), 7}, {BrokerId(3), 9}}) == "1,2");
}

TEST_CASE("Move plans: copies that are too many go where there are the most, and the preferred leader stays") {
  CHECK(planned({{1, 2, 3}, {2, 3, 1}, {3, 2, 1}}, {.brokers = ids({1, 2, 3}), .replicas = 1}) == "1 2 3");
  CHECK(planned({{1, 2, 3}, {1, 2}}, {.brokers = ids({1, 2, 3}), .replicas = 2}) == "1,3 1,2");
}

TEST_CASE("Move plans: a broker that is not there keeps its copy, unless there are too many, and gets none") {
  CHECK(planned({{9, 1}}, {.brokers = ids({1, 2, 3}), .replicas = 3}) == "9,1,2");
  CHECK(planned({{1, 9, 2}}, {.brokers = ids({1, 2}), .replicas = 2}) == "1,2");
}

TEST_CASE("Move plans: to certain brokers, what lies on others moves and what can stay stays") {
  CHECK(planned({{1, 2}, {2, 3}, {3, 1}}, {.brokers = ids({1, 2, 4}), .replicas = {}, .evenly = true}) ==
        "1,2 2,4 4,1");
  CHECK(planned({{1, 2}, {2, 1}}, {.brokers = ids({1, 2}), .replicas = {}, .evenly = true}) == "1,2 2,1");
}

TEST_CASE("Move plans: a new broker gets its share, and no more copies move than that") {
  auto moves = spread(partitions({{1, 2}, {2, 3}, {3, 1}, {1, 3}, {2, 1}, {3, 2}}), {},
                      {.brokers = ids({1, 2, 3, 4}), .replicas = {}, .evenly = true});
  REQUIRE(moves.ok());
  CHECK(copies_moved(*moves) == 3);
  std::map<BrokerId, size_t> copies, leads;
  for (const PlannedMove& move : *moves) {
    leads[move.wanted.front()]++;
    for (BrokerId id : move.wanted) copies[id]++;
  }
  CHECK(copies == std::map<BrokerId, size_t>{{BrokerId(1), 3}, {BrokerId(2), 3}, {BrokerId(3), 3}, {BrokerId(4), 3}});
  for (const auto& [id, count] : leads) CHECK((count == 1 || count == 2));
}

TEST_CASE("Move plans: who leads all shares the lead, and no copy moves for it") {
  CHECK(planned({{1, 2}, {1, 2}}, {.brokers = ids({1, 2}), .replicas = {}, .evenly = true}) == "2,1 1,2");
}

TEST_CASE("Move plans: more replicas than brokers are refused") {
  auto moves = spread(partitions({{1}}), {}, {.brokers = ids({1, 2}), .replicas = 3});
  REQUIRE_FALSE(moves.ok());
  CHECK(moves.error().code == Errc::invalid_replication_factor);
}
