// The partitions that a request names: what has to be done before they are looked at, who leads them, and what is told of it.
#include "broker/data/named_partitions.h"

#include "broker/some_contexts.h"
#include "protocol/messages/fetch.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

using Ids = std::vector<cluster::TopicPartition>;

// Other brokers of the cluster: 2 and 3 live, 4 does not. Topic "t": partition 0 is led here, 1 by 2, 2 by 3, 3 by 4,
// 4 by 2 as well.
struct Named : test::SomeContexts {
  Named() {
    for (int32_t other : {2, 3, 4})
      change(transactions, [other](const metadata::Image& image) {
        const auto port = static_cast<uint16_t>(9090 + other);
        return metadata::register_broker(image, {BrokerId(other), {}, {{"PLAINTEXT", "10.0.0.1", port, 0}}, {}});
      });
    for (int32_t live : {2, 3}) {
      REQUIRE(w.storage.make_dir(dir.broker_dir(BrokerId(live))).ok());
      locks.push_back(*w.storage.try_lock(dir.broker_lock(BrokerId(live))));
    }
    change(transactions, [this](const metadata::Image& image) {
      metadata::NewTopic topic;
      topic.name = "t";
      topic.id = os::random_uuid(w.random);
      for (int32_t leader : {1, 2, 3, 4, 2})
        topic.assignments.push_back({PartitionId(static_cast<int32_t>(topic.assignments.size())), {BrokerId(leader)}});
      return metadata::create_topic(image, topic, {{BrokerId(1), BrokerId(2), BrokerId(3), BrokerId(4)}, 0}, {});
    });
    w.jobs.run_all();
    Peer peer;
    peer.local_address = "127.0.0.1:9092";
    connections.open(over_tcp, peer);
    peer.unix = true;
    connections.open(over_unix, peer);
  }
  Needs needs(const metadata::Topic* topic, int32_t partition) {
    Needs all;
    add_need(all, contexts.data, topic, partition);
    return all;
  }
  Errc refusal(int32_t partition) {
    auto found = find_leader(contexts.data, t(), partition);
    return found ? Errc::none : found.error().code;
  }
  // What an answer to this connection tells of the leader of each of the partitions.
  std::vector<protocol::FetchResponse::PartitionData> tell(ConnectionId asking, std::vector<int32_t> partitions) {
    std::vector<protocol::FetchResponse::PartitionData> all(partitions.size());
    for (size_t i = 0; i < partitions.size(); i++)
      tell_leader(contexts.data, asking, t(), partitions[i], all[i], response);
    return all;
  }
  const metadata::Topic& t() const { return *topic("t"); }

  static constexpr ConnectionId over_tcp{8}, over_unix{9};
  std::vector<std::unique_ptr<os::Lock>> locks;
  protocol::FetchResponse response;
};

}  // namespace

TEST_CASE("NamedPartitions: a topic or a partition that is not there may be elsewhere, a number that none has is not") {
  Named n;
  CHECK(n.needs(nullptr, 0).unknown);
  CHECK(n.needs(nullptr, -1).unknown);
  CHECK(n.needs(&n.t(), 5).unknown);
  CHECK_FALSE(n.needs(&n.t(), -1).unknown);
  CHECK_FALSE(n.needs(&n.t(), 0).unknown);
  // What is unknown stays so beside what is known.
  Needs both = n.needs(nullptr, 0);
  add_need(both, n.contexts.data, &n.t(), 1);
  CHECK(both.unknown);
}

TEST_CASE("NamedPartitions: a log that is led here is opened, once, and no one else's") {
  Named n;
  CHECK(n.needs(&n.t(), 0).closed == Ids{n.id_of(&n.t(), 0)});
  for (int32_t led_elsewhere : {1, 2, 3}) CHECK(n.needs(&n.t(), led_elsewhere).closed.empty());
  n.open_log(&n.t(), 0);
  CHECK(n.needs(&n.t(), 0).closed.empty());
}

TEST_CASE("NamedPartitions: the leader is found where it is this broker and its log is open, and else Kafka's error") {
  Named n;
  CHECK(n.refusal(0) == Errc::busy);  // from now on it is being opened
  n.w.jobs.run_all();
  auto found = find_leader(n.contexts.data, n.t(), 0);
  REQUIRE(found.ok());
  CHECK((*found)->id() == n.id_of(&n.t(), 0));
  CHECK(n.refusal(1) == Errc::not_leader_or_follower);
  for (int32_t none : {-1, 5, INT32_MAX, INT32_MIN}) CHECK(n.refusal(none) == Errc::unknown_topic_or_partition);
  CHECK(find_leader(n.contexts.data, n.t(), 5).error().message.find("t has partitions 0 to 4") != std::string::npos);
}

TEST_CASE("NamedPartitions: an epoch of before is fenced, one to come is unknown, and whoever tells none is let in") {
  Named n;
  // Another life of this broker: the epoch of a first reign is no special one.
  n.change(n.transactions, [](const metadata::Image& image) {
    Uuid next_life;
    next_life.bytes.fill(1);
    return metadata::register_broker(image, {BrokerId(1), next_life, {}, {}});
  });
  n.w.jobs.run_all();
  n.open_log(&n.t(), 0);
  const cluster::Leading& leading = **find_leader(n.contexts.data, n.t(), 0);
  const int32_t now = leading.epoch().value;
  REQUIRE(now > 0);
  CHECK(check_leader_epoch(leading, now) == Errc::none);
  CHECK(check_leader_epoch(leading, -1) == Errc::none);
  CHECK(check_leader_epoch(leading, now - 1) == Errc::fenced_leader_epoch);
  CHECK(check_leader_epoch(leading, now + 1) == Errc::unknown_leader_epoch);
}

TEST_CASE("NamedPartitions: who asks the wrong broker is told the leader, its epoch, and once for each where it is") {
  Named n;
  auto told = n.tell(n.over_tcp, {1, 2, 4});
  const auto epoch_of = [&](size_t p) { return n.t().partitions[p].leader_epoch.value; };
  CHECK((told[0].current_leader.leader_id == 2 && told[0].current_leader.leader_epoch == epoch_of(1)));
  CHECK((told[1].current_leader.leader_id == 3 && told[1].current_leader.leader_epoch == epoch_of(2)));
  CHECK((told[2].current_leader.leader_id == 2 && told[2].current_leader.leader_epoch == epoch_of(4)));
  using At = protocol::FetchResponse::NodeEndpoint;
  CHECK(n.response.node_endpoints == std::vector<At>{{2, "10.0.0.1", 9092, {}}, {3, "10.0.0.1", 9093, {}}});
  n.response = {};
  n.tell(n.over_unix, {1});
  CHECK(n.response.node_endpoints == std::vector<At>{{2, "broker-2", 0, {}}});
}

TEST_CASE("NamedPartitions: of a leader that does not live nothing is told, nor where there is none") {
  Named n;
  const protocol::FetchResponse::PartitionData nothing;
  CHECK(n.tell(n.over_tcp, {3})[0] == nothing);
  n.locks.clear();  // 2 and 3 die
  CHECK(n.tell(n.over_tcp, {1})[0] == nothing);
  metadata::Topic led_by_nobody = n.t();
  led_by_nobody.partitions[0].leader = broker_none;
  protocol::FetchResponse::PartitionData data;
  tell_leader(n.contexts.data, n.over_tcp, led_by_nobody, 0, data, n.response);
  CHECK(data == nothing);
  CHECK(n.response.node_endpoints.empty());
}
