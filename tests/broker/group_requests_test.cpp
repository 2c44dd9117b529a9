// The requests of groups: their forms by version, and Kafka's errors.
#include <algorithm>

#include "broker/group_broker.h"

namespace bobbin::broker {
namespace {

using test::code;
using test::commit_request;
using test::GroupBroker;
using test::join_request;

// --- FindCoordinator

TEST_CASE("FindCoordinator: both forms, and what nobody coordinates here") {
  GroupBroker broker;
  const auto single = broker.find();
  CHECK(single.node_id == broker.self.value);
  CHECK(single.error_message == "NONE");
  protocol::FindCoordinatorRequest request;
  request.coordinator_keys = {"g", "h", "g"};
  const auto several = broker.call<protocol::FindCoordinatorResponse>(6, request);
  REQUIRE(several.coordinators.size() == 2);
  CHECK(several.coordinators[0].key == "g");
  CHECK(several.coordinators[1].key == "h");
  CHECK(several.coordinators[1].node_id == broker.self.value);
  CHECK(several.coordinators[1].error_message == "");
  request.key_type = 1;
  const auto of_transactions = broker.call<protocol::FindCoordinatorResponse>(4, request);
  CHECK(of_transactions.coordinators[0].error_code == code(Errc::invalid_request));
  CHECK(of_transactions.coordinators[0].node_id == -1);
}

// --- JoinGroup, SyncGroup, Heartbeat

TEST_CASE("JoinGroup: from version 4 on a member has to know its id") {
  GroupBroker broker;
  for (int16_t version : std::initializer_list<int16_t>{4, 6, 9}) {
    CAPTURE(version);
    const auto connection = broker.connect();
    auto request = join_request("g" + std::to_string(version));
    const auto refused = broker.over<protocol::JoinGroupResponse>(connection, version, request);
    CHECK(refused.error_code == code(Errc::member_id_required));
    CHECK(refused.member_id.substr(0, 5) == "test-");
    request.member_id = refused.member_id;
    const auto joined = broker.over<protocol::JoinGroupResponse>(connection, version, request);
    CHECK(joined.error_code == 0);
    CHECK(joined.member_id == refused.member_id);
    CHECK(joined.generation_id == 1);
    CHECK(joined.protocol_name == "range");
    if (version >= 7) CHECK(joined.protocol_type == "consumer");
  }
}

TEST_CASE("JoinGroup: what is wrong with a request") {
  GroupBroker broker;
  const auto error_of = [&](const protocol::JoinGroupRequest& request, int16_t version = 9) {
    const auto told = broker.call<protocol::JoinGroupResponse>(version, request);
    CHECK(told.generation_id == -1);
    CHECK(told.protocol_name == (version < 7 ? std::optional<std::string>("") : std::nullopt));
    return told.error_code;
  };
  CHECK(error_of(join_request("")) == code(Errc::invalid_group_id));
  CHECK(error_of(join_request("g", "stranger")) == code(Errc::unknown_member_id));
  for (int32_t session : {5'999, 1'800'001}) {
    auto request = join_request("g");
    request.session_timeout_ms = session;
    CHECK(error_of(request) == code(Errc::invalid_session_timeout));
  }
  auto request = join_request("g");
  request.protocols.clear();
  CHECK(error_of(request, 3) == code(Errc::inconsistent_group_protocol));
  broker.begin_stable("g");
  request.protocols.push_back({"sticky", ""});
  CHECK(error_of(request, 3) == code(Errc::inconsistent_group_protocol));
}

TEST_CASE("JoinGroup: the limits of sessions and sizes are the configuration's") {
  GroupBroker broker({{"group.min.session.timeout.ms", "100"}, {"group.max.size", "1"}});
  auto request = join_request("g");
  request.session_timeout_ms = 100;
  const auto connection = broker.connect();
  CHECK(broker.over<protocol::JoinGroupResponse>(connection, 3, request).error_code == 0);
  CHECK(broker.call<protocol::JoinGroupResponse>(3, request).error_code == code(Errc::group_max_size_reached));
}

TEST_CASE("JoinGroup: in version 0 the session's time-out is that of a rebalance, too") {
  GroupBroker broker;
  const auto connection = broker.connect();
  const auto first = broker.over<protocol::JoinGroupResponse>(connection, 0, join_request("g"));
  REQUIRE(first.error_code == 0);
  // Nobody shares: after that time the member that did not ask for its share is gone.
  broker.sleep(9'999);
  broker.settle();
  CHECK(broker.state_of("g") == "CompletingRebalance");
  broker.sleep(1);
  broker.settle();
  CHECK(broker.state_of("g") == "Empty");
}

TEST_CASE("JoinGroup: a static member that begins anew skips the assignment from version 9 on") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g", false, "i-1");
  auto request = join_request("g");
  request.group_instance_id = "i-1";
  const auto older = broker.call<protocol::JoinGroupResponse>(8, request);
  CHECK(older.error_code == 0);
  CHECK(older.leader == member.id);
  CHECK(older.members.empty());
  const auto newer = broker.call<protocol::JoinGroupResponse>(9, request);
  CHECK(newer.skip_assignment);
  CHECK(newer.leader == newer.member_id);
  CHECK(newer.generation_id == 1);
  CHECK(newer.members.at(0).group_instance_id == "i-1");
  auto beat = GroupBroker::heartbeat_of("g", member);
  beat.group_instance_id = "i-1";
  CHECK(broker.call<protocol::HeartbeatResponse>(3, beat).error_code == code(Errc::fenced_instance_id));
}

TEST_CASE("SyncGroup: errors") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g");
  protocol::SyncGroupRequest request;
  request.group_id = "g";
  request.member_id = member.id;
  request.generation_id = member.generation;
  const auto error_of = [&](int16_t version = 5) {
    return broker.call<protocol::SyncGroupResponse>(version, request).error_code;
  };
  CHECK(error_of() == code(Errc::inconsistent_group_protocol));
  request.protocol_type = "consumer";
  CHECK(error_of() == code(Errc::inconsistent_group_protocol));
  request.protocol_name = "range";
  for (int16_t version = 0; version <= 5; version++) CHECK(error_of(version) == 0);
  const auto told = broker.call<protocol::SyncGroupResponse>(5, request);
  CHECK(told.protocol_type == "consumer");
  CHECK(told.protocol_name == "range");
  CHECK(told.assignment == "share");
  request.protocol_name = "sticky";
  CHECK(error_of() == code(Errc::inconsistent_group_protocol));
  request.generation_id = 5;
  CHECK(error_of() == code(Errc::illegal_generation));
  request.member_id = "stranger";
  CHECK(error_of() == code(Errc::unknown_member_id));
  request.group_id = "other";
  CHECK(error_of() == code(Errc::unknown_member_id));
  request.group_id = "";
  CHECK(error_of() == code(Errc::invalid_group_id));
}

TEST_CASE("Heartbeat: errors") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g");
  auto request = GroupBroker::heartbeat_of("g", member);
  const auto error_of = [&](int16_t version = 4) {
    return broker.call<protocol::HeartbeatResponse>(version, request).error_code;
  };
  for (int16_t version = 0; version <= 4; version++) CHECK(error_of(version) == 0);
  request.generation_id = 9;
  CHECK(error_of() == code(Errc::illegal_generation));
  request.member_id = "stranger";
  CHECK(error_of() == code(Errc::unknown_member_id));
  request.group_id = "other";
  CHECK(error_of() == code(Errc::unknown_member_id));
  request.group_id = "";
  CHECK(error_of() == code(Errc::invalid_group_id));
}

// --- LeaveGroup

TEST_CASE("LeaveGroup: one member, up to version 2") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g");
  protocol::LeaveGroupRequest request;
  request.group_id = "g";
  request.member_id = "stranger";
  CHECK(broker.call<protocol::LeaveGroupResponse>(2, request).error_code == code(Errc::unknown_member_id));
  request.group_id = "other";
  CHECK(broker.call<protocol::LeaveGroupResponse>(2, request).error_code == code(Errc::unknown_member_id));
  request.group_id = "";
  CHECK(broker.call<protocol::LeaveGroupResponse>(2, request).error_code == code(Errc::invalid_group_id));
  CHECK(broker.state_of("g") == "Stable");
  request = {};
  request.group_id = "g";
  request.member_id = member.id;
  CHECK(broker.call<protocol::LeaveGroupResponse>(0, request).error_code == 0);
  CHECK(broker.state_of("g") == "Empty");
}

TEST_CASE("LeaveGroup: a list, each with its own error") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g", false, "i-1");
  protocol::LeaveGroupRequest request;
  request.group_id = "g";
  request.members = {
      {"stranger", {}, {}}, {"stranger", "i-1", {}}, {"", "i-2", {}}, {"", "i-1", {}}, {member.id, {}, {}}};
  const auto told = broker.call<protocol::LeaveGroupResponse>(5, request);
  CHECK(told.error_code == 0);
  std::vector<int16_t> errors;
  for (const auto& each : told.members) errors.push_back(each.error_code);
  CHECK(errors == std::vector<int16_t>{code(Errc::unknown_member_id), code(Errc::fenced_instance_id),
                                       code(Errc::unknown_member_id), 0, code(Errc::unknown_member_id)});
  CHECK(told.members.at(3).group_instance_id == "i-1");

  request.group_id = "other";
  request.members.resize(1);
  const auto of_none = broker.call<protocol::LeaveGroupResponse>(3, request);
  CHECK(of_none.error_code == 0);
  CHECK(of_none.members.at(0).error_code == code(Errc::unknown_member_id));
  CHECK(of_none.members.at(0).member_id == "stranger");
}

// --- OffsetCommit

TEST_CASE("OffsetCommit: every version, by name and by id") {
  GroupBroker broker;
  for (int16_t version = 2; version <= 9; version++) CHECK(broker.commit(commit_request("g", version), version) == 0);
  CHECK(broker.position("g").committed_offset == 9);
  auto by_id = commit_request("g", 10);
  by_id.topics[0].topic_id = broker.broker->image().topic("orders")->id;
  by_id.topics[0].name.clear();
  CHECK(broker.commit(by_id, 10) == 0);
  CHECK(broker.position("g").committed_offset == 10);
  by_id.topics[0].topic_id.bytes[0]++;
  CHECK(broker.commit(by_id, 10) == code(Errc::unknown_topic_id));
}

TEST_CASE("OffsetCommit: each partition has its own error, and the good ones are kept") {
  GroupBroker broker;
  auto request = commit_request("g", 5);
  request.topics[0].partitions.push_back({2, 5, -1, ""});
  request.topics[0].partitions.push_back({1, 6, -1, std::string(4097, 'x')});
  auto& none = request.topics.emplace_back();
  none.name = "no-such-topic";
  none.partitions.push_back({0, 5, -1, ""});
  const auto told = broker.call<protocol::OffsetCommitResponse>(9, request);
  CHECK(told.topics.at(0).partitions.at(0).error_code == 0);
  CHECK(told.topics.at(0).partitions.at(1).error_code == code(Errc::unknown_topic_or_partition));
  CHECK(told.topics.at(0).partitions.at(2).error_code == code(Errc::offset_metadata_too_large));
  CHECK(told.topics.at(1).partitions.at(0).error_code == code(Errc::unknown_topic_or_partition));
  CHECK(broker.position("g").committed_offset == 5);
  CHECK(broker.position("g", 1).committed_offset == -1);
}

TEST_CASE("OffsetCommit: a note is limited in characters as Java counts them") {
  GroupBroker broker(config::ConfigMap{{"offset.metadata.max.bytes", "2"}});
  const auto error_of = [&](const std::string& note) {
    auto request = commit_request("g", 5);
    request.topics[0].partitions[0].committed_metadata = note;
    return broker.commit(request);
  };
  CHECK(error_of("\xc3\xa9\xc3\xa9") == 0);
  CHECK(error_of("\xf0\x9f\x98\x80") == 0);
  CHECK(error_of("\xf0\x9f\x98\x80x") == code(Errc::offset_metadata_too_large));
  auto none = commit_request("g", 5);
  none.topics[0].partitions[0].committed_metadata.reset();
  CHECK(broker.commit(none) == 0);
  CHECK(broker.position("g").metadata == "");
}

TEST_CASE("OffsetCommit: a group that is not there has no members; who says so differs by version") {
  GroupBroker broker;
  auto request = commit_request("g", 5);
  request.member_id = "x";
  request.generation_id_or_member_epoch = 1;
  CHECK(broker.commit(request, 8) == code(Errc::illegal_generation));
  CHECK(broker.commit(request, 9) == code(Errc::group_id_not_found));
  CHECK(broker.state_of("g") == "Dead");
  const auto member = broker.begin_stable("g");
  CHECK(broker.commit(request) == code(Errc::unknown_member_id));
  CHECK(broker.commit(commit_request("g", 5)) == code(Errc::unknown_member_id));
  request.member_id = member.id;
  request.generation_id_or_member_epoch = 7;
  CHECK(broker.commit(request) == code(Errc::illegal_generation));
}

TEST_CASE("OffsetCommit: up to version 4 it may say how long the position is kept") {
  GroupBroker broker(config::ConfigMap{{"offsets.retention.check.interval.ms", "1000"}});
  auto request = commit_request("g", 5);
  request.retention_time_ms = 5'000;
  CHECK(broker.commit(request, 4) == 0);
  broker.sleep(3'000);
  broker.settle();
  CHECK(broker.position("g").committed_offset == 5);
  broker.sleep(4'000);
  broker.settle();
  CHECK(broker.position("g").committed_offset == -1);
}

// --- OffsetFetch

TEST_CASE("OffsetFetch: up to version 7, one group") {
  GroupBroker broker;
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  for (int16_t version = 1; version <= 7; version++) {
    CAPTURE(version);
    protocol::OffsetFetchRequest request;
    request.group_id = "g";
    request.topics.emplace();
    request.topics->push_back({"orders", {0, 1}});
    request.topics->push_back({"no-such-topic", {0}});
    const auto told = broker.call<protocol::OffsetFetchResponse>(version, request);
    CHECK(told.error_code == 0);
    REQUIRE(told.topics.size() == 2);
    const auto& orders = told.topics[0].partitions;
    REQUIRE(orders.size() == 2);
    CHECK(orders[0].committed_offset == 5);
    CHECK(orders[0].metadata == "note");
    CHECK(orders[0].committed_leader_epoch == (version >= 5 ? 7 : -1));
    CHECK(orders[1].committed_offset == -1);
    CHECK(orders[1].committed_leader_epoch == -1);
    CHECK(orders[1].metadata == "");
    CHECK(orders[1].error_code == 0);
    CHECK(told.topics[1].partitions.at(0).committed_offset == -1);
    CHECK(told.topics[1].partitions.at(0).error_code == 0);
    if (version < 2) continue;
    request.topics.reset();
    const auto all = broker.call<protocol::OffsetFetchResponse>(version, request);
    REQUIRE(all.topics.size() == 1);
    CHECK(all.topics[0].name == "orders");
    REQUIRE(all.topics[0].partitions.size() == 1);
    CHECK(all.topics[0].partitions[0].committed_offset == 5);
    request.topics.emplace();
    CHECK(broker.call<protocol::OffsetFetchResponse>(version, request).topics.empty());
  }
}

TEST_CASE("OffsetFetch: from version 8 on, several groups") {
  GroupBroker broker;
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  CHECK(broker.commit(commit_request("h", 6, 1)) == 0);
  for (int16_t version : std::initializer_list<int16_t>{8, 9}) {
    protocol::OffsetFetchRequest request;
    request.groups.resize(3);
    request.groups[0].group_id = "g";
    request.groups[0].topics.emplace().push_back({"orders", {}, {0, 1}});
    request.groups[1].group_id = "h";
    request.groups[2].group_id = "no-such-group";
    const auto told = broker.call<protocol::OffsetFetchResponse>(version, request);
    REQUIRE(told.groups.size() == 3);
    CHECK(told.groups[0].group_id == "g");
    CHECK(told.groups[0].topics.at(0).partitions.at(0).committed_offset == 5);
    CHECK(told.groups[0].topics.at(0).partitions.at(1).committed_offset == -1);
    REQUIRE(told.groups[1].topics.size() == 1);
    CHECK(told.groups[1].topics[0].partitions.at(0).partition_index == 1);
    CHECK(told.groups[1].topics[0].partitions.at(0).committed_offset == 6);
    CHECK(told.groups[2].error_code == 0);
    CHECK(told.groups[2].topics.empty());
  }
}

TEST_CASE("OffsetFetch: from version 10 on, topics by their ids") {
  GroupBroker broker;
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  const auto id = broker.broker->image().topic("orders")->id;
  Uuid other = id;
  other.bytes[0]++;
  protocol::OffsetFetchRequest request;
  request.groups.resize(2);
  request.groups[0].group_id = request.groups[1].group_id = "g";
  request.groups[0].topics.emplace() = {{"", id, {0}}, {"", other, {0}}};
  const auto told = broker.call<protocol::OffsetFetchResponse>(10, request);
  const auto& asked = told.groups.at(0).topics;
  CHECK(asked.at(0).topic_id == id);
  CHECK(asked.at(0).partitions.at(0).committed_offset == 5);
  CHECK(asked.at(1).topic_id == other);
  CHECK(asked.at(1).partitions.at(0).error_code == code(Errc::unknown_topic_id));
  REQUIRE(told.groups.at(1).topics.size() == 1);
  CHECK(told.groups[1].topics[0].topic_id == id);
}

// --- OffsetDelete, DeleteGroups

TEST_CASE("OffsetDelete: positions that no member reads") {
  GroupBroker broker;
  const auto delete_of = [&](const std::string& group) {
    protocol::OffsetDeleteRequest request;
    request.group_id = group;
    request.topics.push_back({"orders", {{0}, {7}}});
    request.topics.push_back({"no-such-topic", {{0}}});
    return broker.call<protocol::OffsetDeleteResponse>(0, request);
  };
  CHECK(delete_of("g").error_code == code(Errc::group_id_not_found));
  CHECK(delete_of("g").topics.empty());
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  const auto told = delete_of("g");
  CHECK(told.error_code == 0);
  CHECK(told.topics.at(0).partitions.at(0).error_code == 0);
  CHECK(told.topics.at(0).partitions.at(1).error_code == code(Errc::unknown_topic_or_partition));
  CHECK(told.topics.at(1).partitions.at(0).error_code == code(Errc::unknown_topic_or_partition));
  CHECK(broker.position("g").committed_offset == -1);
  CHECK(delete_of("").error_code == code(Errc::invalid_group_id));
}

TEST_CASE("OffsetDelete: of consumers that do not say what they read, every topic is taken for read") {
  GroupBroker broker;
  broker.begin_stable("g");
  protocol::OffsetDeleteRequest request;
  request.group_id = "g";
  request.topics.push_back({"orders", {{0}}});
  const auto told = broker.call<protocol::OffsetDeleteResponse>(0, request);
  CHECK(told.error_code == 0);
  CHECK(told.topics.at(0).partitions.at(0).error_code == code(Errc::group_subscribed_to_topic));

  // Whose members are no consumers, nobody may take positions from while they are there.
  auto connect = join_request("c");
  connect.protocol_type = "connect";
  CHECK(broker.over<protocol::JoinGroupResponse>(broker.connect(), 3, connect).error_code == 0);
  request.group_id = "c";
  CHECK(broker.call<protocol::OffsetDeleteResponse>(0, request).error_code == code(Errc::non_empty_group));
}

TEST_CASE("DeleteGroups: each name once, each with its own error") {
  GroupBroker broker;
  broker.begin_stable("busy");
  CHECK(broker.commit(commit_request("idle", 5)) == 0);
  protocol::DeleteGroupsRequest request;
  request.groups_names = {"busy", "idle", "none", "idle"};
  const auto told = broker.call<protocol::DeleteGroupsResponse>(2, request);
  REQUIRE(told.results.size() == 3);
  CHECK(told.results[0].error_code == code(Errc::non_empty_group));
  CHECK(told.results[1].group_id == "idle");
  CHECK(told.results[1].error_code == 0);
  CHECK(told.results[2].error_code == code(Errc::group_id_not_found));
  CHECK(broker.state_of("idle") == "Dead");
  CHECK(broker.position("idle").committed_offset == -1);
  CHECK(broker.call<protocol::DeleteGroupsResponse>(0, protocol::DeleteGroupsRequest{}).results.empty());
}

// --- DescribeGroups, ListGroups

TEST_CASE("DescribeGroups: a group that is not there is dead, and from version 6 on an error") {
  GroupBroker broker;
  for (int16_t version = 0; version <= 5; version++) {
    const auto told = broker.describe("g", version);
    CHECK(told.group_state == "Dead");
    CHECK(told.error_code == 0);
    CHECK(told.authorized_operations == INT32_MIN);
  }
  const auto told = broker.describe("g", 6);
  CHECK(told.group_state == "Dead");
  CHECK(told.error_code == code(Errc::group_id_not_found));
  CHECK(told.error_message == "Group g not found.");
}

TEST_CASE("DescribeGroups: members, and what they told each other once they are at rest") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g", false, "i-1");
  const auto stable = broker.describe("g", 5);
  CHECK(stable.error_code == 0);
  CHECK(stable.group_state == "Stable");
  CHECK(stable.protocol_type == "consumer");
  CHECK(stable.protocol_data == "range");
  REQUIRE(stable.members.size() == 1);
  CHECK(stable.members[0].member_id == member.id);
  CHECK(stable.members[0].group_instance_id == "i-1");
  CHECK(stable.members[0].client_id == "test");
  CHECK(stable.members[0].client_host == "/127.0.0.1");
  CHECK(stable.members[0].member_metadata == "topics");
  CHECK(stable.members[0].member_assignment == "share");

  broker.ask(broker.connect(), 3, join_request("g"));
  broker.settle();
  const auto preparing = broker.describe("g", 5);
  CHECK(preparing.group_state == "PreparingRebalance");
  CHECK(preparing.protocol_data.empty());
  REQUIRE(preparing.members.size() == 2);
  CHECK(preparing.members[0].member_metadata.empty());
  CHECK(preparing.members[0].member_assignment == "share");
  CHECK(preparing.members[1].member_assignment.empty());
}

TEST_CASE("DescribeGroups: what may be done with a group, if asked") {
  GroupBroker broker;
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  protocol::DescribeGroupsRequest request;
  request.groups = {"g", "none"};
  request.include_authorized_operations = true;
  const auto told = broker.call<protocol::DescribeGroupsResponse>(5, request);
  REQUIRE(told.groups.size() == 2);
  CHECK(told.groups[0].group_state == "Empty");
  CHECK(told.groups[0].authorized_operations == 3400);
  CHECK(told.groups[1].authorized_operations == 3400);
  CHECK(broker.call<protocol::DescribeGroupsResponse>(6, request).groups[1].authorized_operations == INT32_MIN);
}

TEST_CASE("ListGroups: all, by state, and by type, in whatever case") {
  GroupBroker broker;
  broker.begin_stable("stable");
  CHECK(broker.commit(commit_request("empty", 5)) == 0);
  using Names = std::vector<std::string>;
  const auto names = [&](std::vector<std::string> states, std::vector<std::string> types, int16_t version = 5) {
    protocol::ListGroupsRequest request;
    request.states_filter = std::move(states);
    request.types_filter = std::move(types);
    Names all;
    for (const auto& each : broker.call<protocol::ListGroupsResponse>(version, request).groups)
      all.push_back(each.group_id + " " + each.protocol_type + " " + each.group_state + " " + each.group_type);
    std::sort(all.begin(), all.end());
    return all;
  };
  const std::string empty = "empty  Empty classic", stable = "stable consumer Stable classic";
  CHECK(names({}, {}) == Names{empty, stable});
  CHECK(names({"stable"}, {}) == Names{stable});
  CHECK(names({"Empty", "Stable"}, {"Classic"}) == Names{empty, stable});
  CHECK(names({"PreparingRebalance"}, {}).empty());
  CHECK(names({}, {"consumer"}).empty());
  CHECK(names({}, {}, 0) == Names{"empty   ", "stable consumer  "});
  CHECK(names({"Stable"}, {}, 4) == Names{"stable consumer Stable "});
}

TEST_CASE("ListGroups: groups of every partition, after a restart too") {
  GroupBroker broker;
  for (int i = 0; i < 20; i++) CHECK(broker.commit(commit_request("g" + std::to_string(i), i)) == 0);
  broker.restart_after_kill();
  CHECK(broker.call<protocol::ListGroupsResponse>(5, protocol::ListGroupsRequest{}).groups.size() == 20);
}

}  // namespace
}  // namespace bobbin::broker
