// Groups: the life of a group over a broker: joined, kept in __consumer_offsets, and known again after a crash.
#include "broker/group_broker.h"
#include "broker/groups/offsets_topic.h"

namespace bobbin::broker {
namespace {

using test::code;
using test::commit_request;
using test::GroupBroker;
using test::join_request;
using test::OneBroker;

protocol::MetadataResponse::MetadataResponseTopic offsets_topic_of(OneBroker& broker) {
  protocol::MetadataRequest request;
  request.topics.emplace().push_back({{}, "__consumer_offsets"});
  request.allow_auto_topic_creation = false;
  auto told = broker.call<protocol::MetadataResponse>(9, request);
  return told.topics.at(0);
}

// The members of one group join together; each has the next generation.
void join_again(GroupBroker& broker, std::vector<GroupBroker::Member*> members) {
  for (GroupBroker::Member* member : members) broker.ask(member->connection, 3, join_request("g", member->id));
  broker.settle();
  for (GroupBroker::Member* member : members) {
    const auto told = broker.answer<protocol::JoinGroupResponse>(member->connection, 3);
    REQUIRE(told);
    REQUIRE(told->error_code == 0);
    member->id = told->member_id;
    member->generation = told->generation_id;
  }
}

TEST_CASE("Groups: the partition that a group is kept in is Kafka's") {
  CHECK(partition_for("g1", 50) == 42);
  CHECK(partition_for("group1", 50) == 40);
  CHECK(partition_for("my-group", 50) == 12);
  CHECK(partition_for("console-consumer-12345", 50) == 6);
  CHECK(partition_for("", 50) == 0);
  CHECK(partition_for("polygenelubricants", 50) == 0);  // its hash is INT_MIN
  CHECK(partition_for("\xc3\xa9", 50) == 0xe9 % 50);
  CHECK(partition_for("\xf0\x9f\x98\x80", 50) == (0xd83d * 31 + 0xde00) % 50);
  CHECK(partition_for("anything", 1) == 0);
}

TEST_CASE("Groups: who coordinates is asked, and __consumer_offsets is there") {
  OneBroker broker;
  CHECK(offsets_topic_of(broker).error_code == code(Errc::unknown_topic_or_partition));
  protocol::OffsetFetchRequest early;
  early.group_id = "g";
  CHECK(broker.call<protocol::OffsetFetchResponse>(5, early).error_code == code(Errc::coordinator_not_available));
  CHECK(broker.call<protocol::ListGroupsResponse>(4, protocol::ListGroupsRequest{}).groups.empty());

  protocol::FindCoordinatorRequest request;
  request.coordinator_keys = {"g", "h", "g"};
  const auto told = broker.call<protocol::FindCoordinatorResponse>(4, request);
  const auto topic = offsets_topic_of(broker);
  CHECK(topic.error_code == 0);
  CHECK(topic.partitions.size() == 50);
  CHECK(topic.partitions.at(0).replica_nodes.size() == 1);
  CHECK(topic.is_internal);

  protocol::DescribeConfigsRequest configs;
  configs.resources.push_back({2, "__consumer_offsets", std::vector<std::string>{"cleanup.policy", "segment.bytes"}});
  const auto described = broker.call<protocol::DescribeConfigsResponse>(4, configs);
  std::map<std::string, std::string> values;
  for (const auto& config : described.results[0].configs) values[config.name] = config.value.value_or("");
  CHECK(values == std::map<std::string, std::string>{{"cleanup.policy", "compact"}, {"segment.bytes", "16777216"}});
}

TEST_CASE("Groups: the topic is made as the configuration says, once") {
  GroupBroker broker({{"offsets.topic.num.partitions", "3"}, {"offsets.topic.segment.bytes", "2000000"}});
  CHECK(offsets_topic_of(broker).partitions.size() == 3);
  const auto id = offsets_topic_of(broker).topic_id;
  CHECK(broker.find().node_id == broker.self.value);
  CHECK(offsets_topic_of(broker).topic_id == id);
}

TEST_CASE("Groups: two members join, share, commit and leave") {
  GroupBroker broker;
  auto first = broker.begin_stable("g");
  CHECK(first.generation == 1);
  const auto connection = broker.connect();
  broker.ask(connection, 3, join_request("g"));
  broker.settle();
  CHECK(broker.waiting(connection) == 0);
  CHECK(broker.beat("g", first) == code(Errc::rebalance_in_progress));

  broker.ask(first.connection, 3, join_request("g", first.id));
  broker.settle();
  const auto leads = broker.answer<protocol::JoinGroupResponse>(first.connection, 3);
  const auto follows = broker.answer<protocol::JoinGroupResponse>(connection, 3);
  REQUIRE((leads && follows));
  CHECK(leads->generation_id == 2);
  CHECK(leads->leader == first.id);
  CHECK(leads->members.size() == 2);
  CHECK(leads->members.at(0).metadata == "topics");
  CHECK(follows->generation_id == 2);
  CHECK(follows->leader == first.id);
  CHECK(follows->members.empty());
  first.generation = 2;
  const GroupBroker::Member second{connection, follows->member_id, 2};

  protocol::SyncGroupRequest sync;
  sync.group_id = "g";
  sync.generation_id = 2;
  sync.member_id = second.id;
  broker.ask(second.connection, 3, sync);
  broker.settle();
  CHECK(broker.waiting(second.connection) == 0);
  sync.member_id = first.id;
  sync.assignments = {{first.id, "one"}, {second.id, "two"}};
  CHECK(broker.over<protocol::SyncGroupResponse>(first.connection, 3, sync).assignment == "one");
  CHECK(broker.answer<protocol::SyncGroupResponse>(second.connection, 3)->assignment == "two");

  auto commit = commit_request("g", 5);
  commit.member_id = second.id;
  commit.generation_id_or_member_epoch = 2;
  CHECK(broker.commit(commit) == 0);
  CHECK(broker.position("g").committed_offset == 5);
  CHECK(broker.position("g").committed_leader_epoch == 7);
  CHECK(broker.position("g").metadata == "note");
  CHECK(broker.position("g", 1).committed_offset == -1);

  CHECK(broker.leave("g", second) == 0);
  CHECK(broker.beat("g", second) == code(Errc::unknown_member_id));
  CHECK(broker.beat("g", first) == code(Errc::rebalance_in_progress));
  CHECK(broker.leave("g", first) == 0);
  CHECK(broker.state_of("g") == "Empty");
  CHECK(broker.position("g").committed_offset == 5);
}

TEST_CASE("Groups: a member that is silent for its session is gone, by the deadlines that the broker tells") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g");
  broker.sleep(9'999);
  broker.settle();
  CHECK(broker.state_of("g") == "Stable");
  broker.sleep(1);
  broker.settle();
  CHECK(broker.state_of("g") == "Empty");
  CHECK(broker.beat("g", member) == code(Errc::unknown_member_id));
}

TEST_CASE("Groups: positions and members are known again after a crash") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g");
  auto commit = commit_request("g", 5);
  commit.member_id = member.id;
  commit.generation_id_or_member_epoch = member.generation;
  CHECK(broker.commit(commit) == 0);
  CHECK(broker.commit(commit_request("other", 6, 1)) == 0);
  const bool power = GENERATE(false, true);
  CAPTURE(power);
  if (power) broker.restart_after_power_cut();
  else broker.restart_after_kill();

  CHECK(broker.position("g").committed_offset == 5);
  CHECK(broker.position("other", 1).committed_offset == 6);
  const auto described = broker.describe("g");
  CHECK(described.group_state == "Stable");
  CHECK(described.members.at(0).member_id == member.id);
  CHECK(described.members.at(0).member_assignment == "share");
  CHECK(described.members.at(0).client_id == "test");
  // It goes on as if nothing had been.
  GroupBroker::Member again = member;
  again.connection = broker.connect();
  CHECK(broker.beat("g", again) == 0);
  join_again(broker, {&again});
  CHECK(again.generation == 2);
}

TEST_CASE("Groups: what is deleted is deleted after a crash, too") {
  GroupBroker broker;
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  CHECK(broker.commit(commit_request("kept", 5)) == 0);
  protocol::DeleteGroupsRequest request;
  request.groups_names = {"g"};
  CHECK(broker.call<protocol::DeleteGroupsResponse>(2, request).results.at(0).error_code == 0);
  broker.restart_after_power_cut();
  CHECK(broker.state_of("g") == "Dead");
  CHECK(broker.position("g").committed_offset == -1);
  CHECK(broker.position("kept").committed_offset == 5);
}

TEST_CASE("Groups: nobody is told of a position before it is promised") {
  GroupBroker broker;
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  const auto connection = broker.connect();
  broker.ask(connection, 9, commit_request("g", 6));
  CHECK(broker.waiting(connection) == 0);  // its flush has not been run
  broker.restart_after_power_cut();
  const int64_t after = broker.position("g").committed_offset;
  CHECK((after == 5 || after == 6));
}

TEST_CASE("Groups: after a clean end everything is there") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g");
  CHECK(broker.commit(commit_request("other", 6)) == 0);
  broker.stop();
  broker.start_again();
  CHECK(broker.state_of("g") == "Stable");
  CHECK(broker.position("other").committed_offset == 6);
  GroupBroker::Member again = member;
  again.connection = broker.connect();
  CHECK(broker.beat("g", again) == 0);
}

TEST_CASE("Groups: a broker that ends tells who waits to find another coordinator") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g");
  const auto joining = broker.connect();
  broker.ask(joining, 3, join_request("g"));
  broker.settle();
  bool done = false;
  broker.broker->shut_down([&] { done = true; });
  broker.settle();
  CHECK(done);
  const auto told = broker.answer<protocol::JoinGroupResponse>(joining, 3);
  REQUIRE(told);
  CHECK(told->error_code == code(Errc::not_coordinator));
  (void)member;
}

// --- members of this machine

TEST_CASE("Groups: a member over the unix socket is gone when that closes, another one is not") {
  GroupBroker broker;
  const auto near = broker.begin_stable("near", true);
  const auto far = broker.begin_stable("far", false);
  const auto fixed = broker.begin_stable("fixed", true, "i-1");
  for (const auto& member : {near, far, fixed}) broker.disconnect(member.connection);
  broker.settle();
  CHECK(broker.state_of("near") == "Empty");
  CHECK(broker.state_of("far") == "Stable");
  CHECK(broker.state_of("fixed") == "Stable");
}

TEST_CASE("Groups: a heartbeat that waits is answered with the news, with what comes behind it, or in time") {
  GroupBroker broker;
  const auto member = broker.begin_stable("g", true);
  const auto waits = [&] {
    broker.ask(member.connection, 4, GroupBroker::heartbeat_of("g", member, 5'000));
    broker.settle();
    REQUIRE(broker.waiting(member.connection) == 0);
  };
  const auto told = [&] {
    const auto answer = broker.answer<protocol::HeartbeatResponse>(member.connection, 4);
    REQUIRE(answer);
    return answer->error_code;
  };
  waits();
  broker.sleep(4'999);
  broker.settle();
  CHECK(broker.waiting(member.connection) == 0);
  broker.sleep(1);
  broker.settle();
  CHECK(told() == 0);

  waits();
  broker.ask(member.connection, 9, commit_request("other", 5));
  broker.settle();
  CHECK(told() == 0);
  CHECK(broker.answer<protocol::OffsetCommitResponse>(member.connection, 9)->topics[0].partitions[0].error_code == 0);

  waits();
  broker.ask(broker.connect(), 3, join_request("g"));
  broker.settle();
  CHECK(told() == code(Errc::rebalance_in_progress));
}

// --- time, topics, and the log

TEST_CASE("Groups: positions expire after the time that the configuration says, and the group with them") {
  GroupBroker broker({{"offsets.retention.minutes", "10"}, {"offsets.retention.check.interval.ms", "60000"}});
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  broker.sleep(9 * 60'000);
  broker.settle();
  CHECK(broker.position("g").committed_offset == 5);
  broker.sleep(3 * 60'000);
  broker.settle();
  CHECK(broker.position("g").committed_offset == -1);
  CHECK(broker.state_of("g") == "Dead");
}

TEST_CASE("Groups: positions of a topic go with it") {
  GroupBroker broker;
  broker.create("bills");
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  CHECK(broker.commit(commit_request("g", 6, 0, "bills")) == 0);
  protocol::DeleteTopicsRequest request;
  request.topic_names = {"orders"};
  CHECK(broker.call<protocol::DeleteTopicsResponse>(5, request).responses.at(0).error_code == 0);
  broker.create("orders", 2);
  CHECK(broker.position("g").committed_offset == -1);
  broker.restart_after_kill();
  CHECK(broker.position("g").committed_offset == -1);
}

TEST_CASE("Groups: a log that has rolled is written again and begins later, and everything is still known") {
  GroupBroker broker({{"offsets.topic.num.partitions", "1"}, {"offsets.topic.segment.bytes", "1048576"}});
  const auto member = broker.begin_stable("g");
  CHECK(broker.commit(commit_request("once", 42)) == 0);
  CHECK(broker.commit(commit_request("gone", 43)) == 0);
  protocol::DeleteGroupsRequest gone;
  gone.groups_names = {"gone"};
  CHECK(broker.call<protocol::DeleteGroupsResponse>(2, gone).results.at(0).error_code == 0);

  const auto log_start = [&] {
    protocol::ListOffsetsRequest request;
    request.topics.push_back({"__consumer_offsets", {{0, -1, -2}}});
    return broker.call<protocol::ListOffsetsResponse>(5, request).topics.at(0).partitions.at(0).offset;
  };
  CHECK(log_start() == 0);
  auto commit = commit_request("busy", 0);
  commit.topics[0].partitions[0].committed_metadata = std::string(4000, 'x');
  int64_t committed = 0;
  for (int64_t earlier = 0, begun = 0; begun < 2 && committed < 2000; committed++) {
    commit.topics[0].partitions[0].committed_offset = committed;
    REQUIRE(broker.commit(commit) == 0);
    broker.beat("g", member);
    const int64_t now = log_start();
    if (now > earlier) begun++;
    earlier = now;
  }
  CHECK(committed < 2000);
  CHECK(log_start() > 200);
  for (int restarts = 0; restarts < 2; restarts++) {
    if (restarts == 0) broker.restart_after_kill();
    else broker.restart_after_power_cut();
    CHECK(broker.position("once").committed_offset == 42);
    CHECK(broker.position("busy").committed_offset == committed - 1);
    CHECK(broker.state_of("g") == "Stable");
    CHECK(broker.state_of("gone") == "Dead");
    CHECK(broker.describe("g").members.at(0).member_id == member.id);
  }
}

TEST_CASE("Groups: of a log that cannot be read the groups are not served, and that is said") {
  GroupBroker broker(config::ConfigMap{{"offsets.topic.num.partitions", "1"}});
  CHECK(broker.commit(commit_request("g", 5)) == 0);
  broker.stop();
  const auto paths = broker.world.storage.paths("/c/broker-1/__consumer_offsets-0");
  for (const std::string& path : paths)
    if (path.ends_with(".log")) {
      std::string bytes = broker.world.storage.contents(path);
      bytes[bytes.size() - 3] = static_cast<char>(~bytes[bytes.size() - 3]);
      broker.world.storage.put(path, bytes);
    }
  broker.start_again();
  protocol::OffsetFetchRequest request;
  request.group_id = "g";
  const auto told = broker.call<protocol::OffsetFetchResponse>(5, request);
  CHECK(told.error_code == code(Errc::coordinator_not_available));
  CHECK(std::any_of(broker.said.begin(), broker.said.end(), [](const std::string& line) {
    return line.find("__consumer_offsets cannot be read") != std::string::npos;
  }));
}

}  // namespace
}  // namespace bobbin::broker
