// Administration of groups: who is asked what, who is asked again, and what is made of the answers.
#include "client/admin/groups.h"

#include "assignor/subscription.h"
#include "client/admin/group_list.h"
#include "client/answering.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

namespace {

int16_t code(Errc e) { return static_cast<int16_t>(e); }

// A cluster of two whose groups have a coordinator, and what it is asked.
template <class Request, class Response>
class Coordinated {
 public:
  // What the coordinator says the first, second, ... time; the last one from then on.
  explicit Coordinated(std::vector<Response> says) : says_(std::move(says)) {
    cluster.with([&](FakeCluster& c) {
      c.answers = [this](int node, const RequestHeader& header, Bytes body) { return answer(node, header, body); };
    });
  }
  ~Coordinated() {
    cluster.with([](FakeCluster& c) { c.answers = nullptr; });
  }

  // By the first, second, ... word of it; the last one from then on. -1: nobody.
  void set_coordinators(std::vector<int> nodes) {
    cluster.with([&](FakeCluster&) { coordinators_ = std::move(nodes); });
  }
  void set_version_max(int16_t version) {
    cluster.with([&](FakeCluster&) { version_max_ = version; });
  }
  // The coordinator was asked this, in these places ...
  std::vector<Request> requests() { return copy(requests_); }
  std::vector<int> nodes() { return copy(nodes_); }
  // ... and was asked for, of these groups.
  std::vector<std::string> found() { return copy(found_); }

  FakeCluster cluster{2};

 private:
  std::optional<std::string> answer(int node, const RequestHeader& header, Bytes body) {
    const auto send = [&](const auto& response) {
      return encode_response(header.correlation_id, header.api_version, response);
    };
    if (header.api_key == ApiKey::find_coordinator) {
      auto request = decode<FindCoordinatorRequest>(body, header.api_version);
      FindCoordinatorResponse response;
      FindCoordinatorResponse::Coordinator told;
      told.key = request->coordinator_keys.at(0);
      told.node_id = coordinators_.at(std::min(found_.size(), coordinators_.size() - 1));
      if (told.node_id < 0) told.error_code = code(Errc::coordinator_not_available);
      found_.push_back(told.key);
      response.coordinators.emplace_back(std::move(told));
      return send(response);
    }
    if (header.api_key == ApiKey::api_versions && version_max_ != Request::versions.last) {
      ApiVersionsResponse response;
      for (const auto& api : known_apis())
        response.api_keys.push_back({static_cast<int16_t>(api.key), api.versions.first,
                                     api.key == Request::api_key ? version_max_ : api.versions.last});
      return send(response);
    }
    if (header.api_key != Request::api_key) return std::nullopt;
    nodes_.push_back(node);
    requests_.push_back(*decode<Request>(body, header.api_version));
    return send(says_.at(std::min(requests_.size(), says_.size()) - 1));
  }

  template <class T>
  T copy(const T& of) {
    T out;
    cluster.with([&](FakeCluster&) { out = of; });
    return out;
  }

  std::vector<int> coordinators_ = {2}, nodes_;
  int16_t version_max_ = Request::versions.last;
  std::vector<Request> requests_;
  std::vector<std::string> found_;
  std::vector<Response> says_;
};

using Describing = Coordinated<DescribeGroupsRequest, DescribeGroupsResponse>;
using Fetching = Coordinated<OffsetFetchRequest, OffsetFetchResponse>;
using Committing = Coordinated<OffsetCommitRequest, OffsetCommitResponse>;
using Deleting = Coordinated<DeleteGroupsRequest, DeleteGroupsResponse>;
using Forgetting = Coordinated<OffsetDeleteRequest, OffsetDeleteResponse>;

DescribeGroupsResponse described(int16_t error, const std::string& state, std::optional<std::string> text = {}) {
  DescribeGroupsResponse response;
  auto& group = response.groups.emplace_back();
  group.error_code = error;
  group.error_message = std::move(text);
  group.group_id = "g";
  group.group_state = state;
  group.protocol_type = "consumer";
  return response;
}

OffsetFetchResponse fetched(std::vector<OffsetFetchResponse::OffsetFetchResponseTopics> topics, int16_t error = 0) {
  OffsetFetchResponse response;
  response.groups.push_back({"g", std::move(topics), error});
  return response;
}

OffsetCommitResponse committed(std::vector<OffsetCommitResponse::OffsetCommitResponsePartition> partitions) {
  OffsetCommitResponse response;
  auto& topic = response.topics.emplace_back();
  topic.name = "t";
  topic.partitions = std::move(partitions);
  return response;
}

DeleteGroupsResponse deleted(int16_t error) {
  DeleteGroupsResponse response;
  response.results.push_back({"g", error});
  return response;
}

Place place(const std::string& topic, int32_t partition) { return {topic, PartitionId(partition)}; }

std::unique_ptr<Session> impatient_session(FakeCluster& cluster) {
  auto session = open_session(cluster);
  session->set_timeout_ms(2000);
  return session;
}

}  // namespace

TEST_CASE("Groups: the coordinator is asked to describe its group, and what members told each other is read") {
  assignor::Subscription subscription;
  subscription.topics = {"t", "u"};
  assignor::Assignment assignment;
  assignment.partitions = {{"u", {PartitionId(1)}}, {"t", {PartitionId(2), PartitionId(0)}}};
  const std::string told_topics = encode(subscription), told_share = encode(assignment);
  DescribeGroupsResponse response = described(0, "Stable");
  auto& group = response.groups.front();
  group.protocol_data = "range";
  group.members.push_back({"m-1", "static-1", "app", "/127.0.0.1", told_topics, told_share});
  group.members.push_back({"m-2", std::nullopt, "other", "/::1", "nonsense", "\x01"});
  Describing c({response});
  auto session = open_session(c.cluster);
  auto groups = describe_groups(*session, {"g"});
  REQUIRE(groups.ok());
  CHECK(c.nodes() == std::vector{2});
  CHECK(c.found() == std::vector<std::string>{"g"});
  CHECK(c.requests().at(0).groups == std::vector<std::string>{"g"});
  const GroupDescription& g = groups->at(0);
  CHECK(g.status.ok());
  CHECK(g.state == "Stable");
  CHECK(g.protocol == "range");
  CHECK(g.coordinator == BrokerId(2));
  REQUIRE(g.members.size() == 2);
  CHECK(g.members[0].instance_id == "static-1");
  CHECK(g.members[0].topics == std::vector<std::string>{"t", "u"});
  CHECK(g.members[0].assigned ==
        std::vector<assignor::TopicPartitions>{{"t", {PartitionId(0), PartitionId(2)}}, {"u", {PartitionId(1)}}});
  CHECK(g.members[1].assigned.empty());
}

TEST_CASE("Groups: each of several is asked for, and told in the order of the names") {
  Describing c({described(0, "Empty")});
  auto session = open_session(c.cluster);
  std::vector<std::string> names;
  for (int i = 0; i < 200; i++) names.push_back("g" + std::to_string(i));
  auto groups = describe_groups(*session, names);
  REQUIRE(groups.ok());
  CHECK(c.requests().size() == 200);
  std::vector<std::string> told;
  for (const auto& group : *groups) told.push_back(group.name);
  CHECK(told == names);
}

TEST_CASE("Groups: one that is not there is told of in one way, whichever the cluster has for it") {
  const auto response =
      GENERATE(described(code(Errc::group_id_not_found), "Dead", "Group g not found."), described(0, "Dead"));
  Describing c({response});
  auto session = open_session(c.cluster);
  auto groups = describe_groups(*session, {"g"});
  REQUIRE(groups.ok());
  REQUIRE_FALSE(groups->at(0).status.ok());
  CHECK(groups->at(0).status.error().code == Errc::group_id_not_found);
  CHECK(groups->at(0).status.error().message == "there is no group g (`bobbin group list` names those that there are)");
}

TEST_CASE("Groups: one of the newer protocol is there, and told of as such") {
  Describing c({described(code(Errc::group_id_not_found), "Dead", "Group g is not a classic group.")});
  auto session = open_session(c.cluster);
  auto groups = describe_groups(*session, {"g"});
  REQUIRE(groups.ok());
  CHECK(groups->at(0).status.error().code == Errc::unsupported_version);
}

TEST_CASE("Groups: a coordinator that is another one by now is looked for again, one that loads is asked again") {
  Describing c({described(code(Errc::not_coordinator), ""), described(code(Errc::coordinator_load_in_progress), ""),
                described(code(Errc::coordinator_not_available), ""), described(0, "Empty")});
  c.set_coordinators({2, 1, 2});
  auto session = open_session(c.cluster);
  auto groups = describe_groups(*session, {"g"});
  REQUIRE(groups.ok());
  CHECK(groups->at(0).status.ok());
  CHECK(c.nodes() == std::vector{2, 1, 1, 2});
}

TEST_CASE("Groups: a connection that is lost is no answer") {
  Describing c({described(0, "Empty")});
  c.cluster.set_script([](const fake::Seen& seen) {
    const bool first = seen.key == ApiKey::describe_groups && seen.of_kind == 0;
    return fake::Plan{first ? fake::Fault::close_before : fake::Fault::none, 0};
  });
  auto session = open_session(c.cluster);
  auto groups = describe_groups(*session, {"g"});
  REQUIRE(groups.ok());
  CHECK(groups->at(0).state == "Empty");
}

TEST_CASE("Groups: where nobody coordinates them, the time-out ends the asking") {
  const auto coordinators = GENERATE(std::vector{-1}, std::vector{1, 2});
  Describing c({described(code(Errc::not_coordinator), "")});
  c.set_coordinators(coordinators);
  auto session = impatient_session(c.cluster);
  auto groups = describe_groups(*session, {"g"});
  REQUIRE(groups.ok());
  REQUIRE_FALSE(groups->at(0).status.ok());
  CHECK(groups->at(0).status.error().code == Errc::no_answer);
  CHECK(groups->at(0).status.error().message.starts_with("group g: no broker coordinates it now"));
}

TEST_CASE("Groups: the time-out is of all that are asked together, however many") {
  Describing c({described(0, "Empty")});
  c.set_coordinators({-1});
  auto session = impatient_session(c.cluster);
  const int64_t begun = session->now_ms();
  auto groups = describe_groups(*session, std::vector<std::string>(1000, "g"));
  REQUIRE(groups.ok());
  for (const auto& group : *groups) CHECK(group.status.error().code == Errc::no_answer);
  CHECK(session->now_ms() - begun < 3000);
}

TEST_CASE("Groups: every broker is asked which it has, again while it loads, and the answers are put together") {
  FakeCluster cluster(3);
  std::map<int, int> asked;
  cluster.with([&](FakeCluster& c) {
    c.answers = [&](int node, const RequestHeader& header, Bytes) -> std::optional<std::string> {
      if (header.api_key != ApiKey::list_groups) return std::nullopt;
      ListGroupsResponse response;
      if (node == 2 && asked[node] == 0) response.error_code = code(Errc::coordinator_load_in_progress);
      else if (node == 2) response.groups = {{"b", "consumer", "Stable", "classic"}, {"a", "", "Empty", "classic"}};
      else if (node == 3) response.groups = {{"c", "consumer", "Assigning", "consumer"}};
      asked[node]++;
      return encode_response(header.correlation_id, header.api_version, response);
    };
  });
  auto listed = list_groups(*open_session(cluster));
  REQUIRE(listed.ok());
  CHECK(listed->missing.empty());
  cluster.with([&](FakeCluster&) { CHECK(asked == std::map<int, int>{{1, 1}, {2, 2}, {3, 1}}); });
  std::string told;
  for (const auto& group : listed->groups)
    told += group.name + "/" + group.protocol_type + "/" + group.state + "/" + group.type + " ";
  CHECK(told == "a//Empty/classic b/consumer/Stable/classic c/consumer/Assigning/consumer ");
}

TEST_CASE("Groups: of a broker that does not tell, the list says so") {
  FakeCluster cluster(2);
  cluster.with([&](FakeCluster& c) {
    c.answers = [&](int node, const RequestHeader& header, Bytes) -> std::optional<std::string> {
      if (header.api_key != ApiKey::list_groups) return std::nullopt;
      ListGroupsResponse response;
      if (node == 2) response.error_code = code(Errc::coordinator_not_available);
      else response.groups = {{"a", "consumer", "Stable", "classic"}};
      return encode_response(header.correlation_id, header.api_version, response);
    };
  });
  auto listed = list_groups(*impatient_session(cluster));
  REQUIRE(listed.ok());
  CHECK(listed->groups.size() == 1);
  REQUIRE(listed->missing.size() == 1);
  CHECK(listed->missing[0].message.starts_with("broker 2: "));  // or that the time was over
}

TEST_CASE("Groups: a refusal of the list is an error, not an empty list") {
  FakeCluster cluster;
  ListGroupsResponse refused;
  refused.error_code = code(Errc::cluster_authorization_failed);
  Answering<ListGroupsRequest, ListGroupsResponse> listing(cluster, refused);
  auto listed = list_groups(*open_session(cluster));
  REQUIRE_FALSE(listed.ok());
  CHECK(listed.error().code == Errc::cluster_authorization_failed);
}

TEST_CASE("Groups: all positions are asked for, by name, and where there is none nothing is told") {
  Fetching c({fetched({{"t", {}, {{0, 5, -1, "", 0}, {2, -1, -1, "", 0}}}, {"u", {}, {{1, 0, 3, "note", 0}}}})});
  auto session = open_session(c.cluster);
  auto positions = committed_positions(*session, "g");
  REQUIRE(positions.ok());
  CHECK(*positions == Positions{{place("t", 0), Offset(5)}, {place("u", 1), Offset(0)}});
  REQUIRE(c.requests().at(0).groups.size() == 1);
  CHECK(c.requests()[0].groups[0].group_id == "g");
  CHECK_FALSE(c.requests()[0].groups[0].topics);
  CHECK(c.nodes() == std::vector{2});
}

TEST_CASE("Groups: an older cluster tells of positions in the older form") {
  OffsetFetchResponse response;
  response.topics = {{"t", {{3, 7, -1, "", 0}}}};
  OffsetFetchResponse busy;
  busy.error_code = code(Errc::coordinator_load_in_progress);
  Fetching c({busy, response});
  c.set_version_max(5);
  auto session = open_session(c.cluster);
  auto positions = committed_positions(*session, "g");
  REQUIRE(positions.ok());
  CHECK(*positions == Positions{{place("t", 3), Offset(7)}});
  CHECK(c.requests().size() == 2);
  CHECK(c.requests().at(1).group_id == "g");
  CHECK_FALSE(c.requests().at(1).topics);
}

TEST_CASE("Groups: an error of the group, or of one position, is an error") {
  const auto response = GENERATE(fetched({}, code(Errc::group_authorization_failed)),
                                 fetched({{"t", {}, {{0, -1, -1, "", code(Errc::group_authorization_failed)}}}}));
  Fetching c({response});
  auto session = open_session(c.cluster);
  auto positions = committed_positions(*session, "g");
  REQUIRE_FALSE(positions.ok());
  CHECK(positions.error().code == Errc::group_authorization_failed);
}

TEST_CASE("Groups: positions are moved by nobody who is a member, each topic once") {
  Committing c({committed({{0, code(Errc::not_coordinator)}, {1, code(Errc::not_coordinator)}}),
                committed({{0, 0}, {1, code(Errc::offset_metadata_too_large)}})});
  c.set_coordinators({2, 1});
  auto session = open_session(c.cluster);
  auto moved = move_positions(*session, "g",
                              {{place("t", 0), Offset(5)}, {place("t", 1), Offset(6)}, {place("u", 0), Offset(0)}});
  REQUIRE(moved.ok());
  CHECK(said(*moved) == "t-0 NONE, t-1 OFFSET_METADATA_TOO_LARGE, u-0 " + std::string(name(Errc::malformed)));
  CHECK(c.nodes() == std::vector{2, 1});
  const OffsetCommitRequest asked = c.requests().at(1);
  CHECK(asked.group_id == "g");
  CHECK(asked.generation_id_or_member_epoch == -1);
  CHECK(asked.member_id.empty());
  REQUIRE(asked.topics.size() == 2);
  CHECK(asked.topics[0].name == "t");
  REQUIRE(asked.topics[0].partitions.size() == 2);
  CHECK(asked.topics[0].partitions[1].committed_offset == 6);
}

TEST_CASE("Groups: members that came in between are the reason why nothing moves") {
  const Errc why = GENERATE(Errc::unknown_member_id, Errc::illegal_generation, Errc::rebalance_in_progress);
  Committing c({committed({{0, code(why)}})});
  auto session = open_session(c.cluster);
  auto moved = move_positions(*session, "g", {{place("t", 0), Offset(5)}});
  REQUIRE(moved.ok());
  CHECK(moved->at(0).status.error().message ==
        "t-0: the group has members by now, which alone move it; stop them first");
}

TEST_CASE("Groups: nothing to move, or to forget, asks nobody") {
  Committing c({committed({})});
  auto session = open_session(c.cluster);
  CHECK(move_positions(*session, "g", {})->empty());
  CHECK(delete_positions(*session, "g", {})->empty());
  CHECK(c.found().empty());
}

TEST_CASE("Groups: one that is deleted is told by its error") {
  const auto [error, message] = GENERATE(table<Errc, std::string>(
      {{Errc::none, ""},
       {Errc::non_empty_group, "group g: has members; stop them first"},
       {Errc::group_id_not_found, "there is no group g (`bobbin group list` names those that there are)"}}));
  Deleting c({deleted(code(error))});
  auto session = open_session(c.cluster);
  auto outcomes = delete_groups(*session, {"g"});
  REQUIRE(outcomes.ok());
  CHECK(c.requests().at(0).groups_names == std::vector<std::string>{"g"});
  const Status& status = outcomes->at(0).status;
  CHECK((status ? "" : status.error().message) == message);
}

TEST_CASE("Groups: one that is not there after the answer was lost has been deleted") {
  Deleting c({deleted(0), deleted(code(Errc::group_id_not_found))});
  c.cluster.set_script([](const fake::Seen& seen) {
    const bool first = seen.key == ApiKey::delete_groups && seen.of_kind == 0;
    return fake::Plan{first ? fake::Fault::close_after : fake::Fault::none, 0};
  });
  auto session = open_session(c.cluster);
  auto outcomes = delete_groups(*session, {"g"});
  REQUIRE(outcomes.ok());
  CHECK(c.requests().size() == 2);
  CHECK(outcomes->at(0).status.ok());
}

TEST_CASE("Groups: positions are forgotten each once, and each has its outcome") {
  OffsetDeleteResponse response;
  response.topics = {{"t", {{0, 0}, {1, code(Errc::group_subscribed_to_topic)}}}};
  Forgetting c({response});
  auto session = open_session(c.cluster);
  auto outcomes = delete_positions(*session, "g", {place("t", 0), place("t", 1), place("t", 0), place("u", 3)});
  REQUIRE(outcomes.ok());
  CHECK(c.requests().at(0).topics ==
        std::vector<OffsetDeleteRequest::OffsetDeleteRequestTopic>{{"t", {{0}, {1}}}, {"u", {{3}}}});
  CHECK(said(*outcomes) == "t-0 NONE, t-1 GROUP_SUBSCRIBED_TO_TOPIC, u-3 " + std::string(name(Errc::malformed)));
  CHECK(outcomes->at(1).status.error().message == "t-1: members of the group read this topic; stop them first");
}

TEST_CASE("Groups: an error of the whole is one, and who moved away is looked for") {
  OffsetDeleteResponse gone, unknown;
  gone.error_code = code(Errc::not_coordinator);
  unknown.error_code = code(Errc::group_id_not_found);
  Forgetting c({gone, unknown});
  c.set_coordinators({1, 2});
  auto session = open_session(c.cluster);
  auto outcomes = delete_positions(*session, "g", {place("t", 0)});
  REQUIRE_FALSE(outcomes.ok());
  CHECK(outcomes.error().code == Errc::group_id_not_found);
  CHECK(c.nodes() == std::vector{1, 2});
}
